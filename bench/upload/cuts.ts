/**
 * Which requests break, and where: every so many of those that carry a part is cut off in the middle of its body, counted
 * from the half of the first so many. Exactly the wished share, at the same places for every contender. Pure.
 */

export interface Cutter {
  /** Takes what one connection sends, in order. True: cut the connection now. */
  sent(chunk: Uint8Array): boolean;
  /** The server has answered: the next thing sent begins a request. */
  answered(): void;
}

export interface CutCounts {
  puts: number;
  cuts: number;
}

/** A request line and the header that tells how much follows. Clients put both in the first piece they send. */
const headBytesMax = 8192;

export function createCuts(share: number): { cutter(): Cutter; counts(reset: boolean): CutCounts } {
  let puts = 0;
  let cuts = 0;
  const every = share > 0 ? Math.round(1 / share) : Number.POSITIVE_INFINITY;
  return {
    counts(reset) {
      const counts = { puts, cuts };
      if (reset) puts = cuts = 0;
      return counts;
    },
    cutter() {
      let isHeadNext = true;
      let restBytes = Number.POSITIVE_INFINITY;
      return {
        sent(chunk) {
          if (isHeadNext) {
            isHeadNext = false;
            restBytes = Number.POSITIVE_INFINITY;
            const middle = middleOf(chunk);
            if (middle !== null) {
              puts += 1;
              if (puts % every === Math.ceil(every / 2)) restBytes = middle;
            }
          }
          restBytes -= chunk.length;
          if (restBytes > 0) return false;
          cuts += 1;
          restBytes = Number.POSITIVE_INFINITY;
          return true;
        },
        answered() {
          isHeadNext = true;
        },
      };
    },
  };
}

/** How many bytes from here to the middle of the body. Null when it is no PUT with a body: a preflight, or a document. */
function middleOf(chunk: Uint8Array): number | null {
  const text = Buffer.from(chunk.subarray(0, headBytesMax)).toString("latin1");
  if (!text.startsWith("PUT /")) return null;
  const bodyAt = text.indexOf("\r\n\r\n") + 4;
  const bodyBytes = /\r\ncontent-length: *(\d+)\r\n/i.exec(text.slice(0, bodyAt))?.[1];
  return bodyBytes === undefined ? null : bodyAt + Number(bodyBytes) / 2;
}
