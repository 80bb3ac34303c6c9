/**
 * The next moment at which each message changes by itself, soonest last.
 *
 * A sorted array: the soonest stands at its end, any other is found by binary search. Every message has exactly
 * one entry, so nothing piles up however often a consumer extends its visibility.
 */

export type Due = {
  /** When the message becomes ready, or, if it is, when it expires. */
  dueAtMs: number;
  /** Unique in its queue; breaks ties in the order of sending. */
  readonly order: number;
};

export type Deadlines<T extends Due> = T[];

export function insert<T extends Due>(deadlines: Deadlines<T>, item: T): void {
  deadlines.splice(position(deadlines, item), 0, item);
}

/** To be called before `dueAtMs` is changed, for that is how the entry is found. */
export function remove<T extends Due>(deadlines: Deadlines<T>, item: T): void {
  const index = position(deadlines, item);
  if (deadlines[index] !== item) {
    throw new Error("A message has lost its deadline.");
  }
  deadlines.splice(index, 1);
}

/** The soonest entry, if its moment has come. */
export function firstDue<T extends Due>(deadlines: Deadlines<T>, nowMs: number): T | undefined {
  const soonest = deadlines.at(-1);
  return soonest !== undefined && soonest.dueAtMs <= nowMs ? soonest : undefined;
}

/** Where the item is, or belongs: the first index that does not come after it in time. */
function position<T extends Due>(deadlines: Deadlines<T>, item: T): number {
  let low = 0;
  let high = deadlines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = deadlines[middle];
    if (other !== undefined && isLater(other, item)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

function isLater(a: Due, b: Due): boolean {
  return a.dueAtMs === b.dueAtMs ? a.order > b.order : a.dueAtMs > b.dueAtMs;
}
