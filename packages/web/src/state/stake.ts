/**
 * What signing out would stop or lose, counted at the moment of the question by whoever knows: uploads under way in any
 * tab of this browser, and forms that are filled in. The top bar asks, and neither draws nor fetches for it before.
 */
export type Stake = { uploadCount: number; formCount: number };

export type Stakes = {
  /** Counted from now on. Returns the function that ends it. */
  add(count: () => Partial<Stake>): () => void;
  count(): Stake;
};

export function createStakes(): Stakes {
  const counts = new Set<() => Partial<Stake>>();
  return {
    add: (count) => {
      counts.add(count);
      return () => void counts.delete(count);
    },
    count: () => {
      const all = [...counts].map((count) => count());
      const sum = (key: keyof Stake) => all.reduce((total, part) => total + (part[key] ?? 0), 0);
      return { uploadCount: sum("uploadCount"), formCount: sum("formCount") };
    },
  };
}

export function isAnything({ uploadCount, formCount }: Stake): boolean {
  return uploadCount + formCount > 0;
}
