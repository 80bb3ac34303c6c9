/**
 * Mutual exclusion by name within this process: commits to one object, or to one upload, happen one after another.
 *
 * Holders do only small writes; bodies are received before a lock is taken.
 */
export type Locks = { run<T>(name: string, task: () => Promise<T>): Promise<T> };

export function createLocks(): Locks {
  const tailByName = new Map<string, Promise<unknown>>();
  return {
    async run(name, task) {
      const before = tailByName.get(name) ?? Promise.resolve();
      // A failed predecessor has told its own caller; it must not fail the next.
      const mine = before.then(task, task);
      tailByName.set(name, mine);
      try {
        return await mine;
      } finally {
        if (tailByName.get(name) === mine) tailByName.delete(name);
      }
    },
  };
}
