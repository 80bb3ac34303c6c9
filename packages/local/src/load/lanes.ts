/** Work on a list, so much of it at once. */

/** Answers in the list's order. The first failure is thrown, and nothing new is begun after it. */
export async function inLanes<Item, Result>(
  items: Item[],
  lanes: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = [...items.entries()];
  let hasFailed = false;
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined && !hasFailed; next = queue.shift()) {
      const [index, item] = next;
      try {
        results[index] = await work(item);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}
