/** Doing the same with many things, a few at a time. */

/**
 * Runs `work` for each item in order, at most `lanes` at once. `work` settles its own failures; the first that it does not
 * settle is thrown.
 */
export async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const lane = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
}
