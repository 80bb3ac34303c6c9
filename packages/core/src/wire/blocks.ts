/**
 * Memory for what arrives on a connection: a few blocks that are filled, read and used again, so that a gigabyte passes
 * through a megabyte and leaves nothing to collect.
 *
 * ```
 *        taken            filled          room
 *   ┌──────────────┬─────────────────┬───────────┐
 *   │ lent, or old │ not taken yet   │ free      │   a block
 *   └──────────────┴─────────────────┴───────────┘
 *                  from              to
 * ```
 */
import { assert } from "../errors/index.ts";

interface Block {
  memory: Uint8Array;
  from: number;
  to: number;
}

export interface Blocks {
  /** Where the next bytes are to be written. Stays reserved until `filled` is called. */
  room(): Uint8Array;
  /** So many bytes of the room were written. Answers whether there is space for more; more is taken all the same. */
  filled(bytes: number): boolean;
  /** Everything that has arrived in one run, or null. What was taken before is given back by this and used again. */
  take(): Uint8Array | null;
  hasSpace(): boolean;
  isEmpty(): boolean;
}

/** A read into less than this would cost a system call for little; a TLS record has at most 16 KiB (RFC 8446, 5.1). */
const roomBytesMin = 16_384;

export function createBlocks(options: { blockBytes: number; countMax: number }): Blocks {
  const { blockBytes, countMax } = options;
  assert(blockBytes >= 2 * roomBytesMin && countMax >= 2, "one block is read while one is filled");
  /** In order; the last is being filled, the first is being read. */
  const used: Block[] = [];
  const idle: Block[] = [];

  const isFull = ({ to }: Block) => blockBytes - to < roomBytesMin;
  const last = (): Block => {
    const block = used.at(-1);
    if (block !== undefined && !isFull(block)) return block;
    // Beyond `countMax` when the last one was filled to its end, or TLS had decrypted more when it was held back.
    const next = idle.pop() ?? { memory: Buffer.allocUnsafeSlow(blockBytes), from: 0, to: 0 };
    used.push(next);
    return next;
  };
  const giveBack = () => {
    const first = used[0];
    if (first === undefined || first.from < first.to || !isFull(first)) return;
    used.shift();
    if (used.length + idle.length <= countMax) idle.push({ ...first, from: 0, to: 0 });
  };
  const hasSpace = () => used.length < countMax;

  return {
    room() {
      const { memory, to } = last();
      return memory.subarray(to);
    },
    filled(bytes) {
      const block = used.at(-1);
      assert(block && block.to + bytes <= blockBytes, "bytes are written to the room");
      block.to += bytes;
      return hasSpace();
    },
    take() {
      giveBack();
      const block = used[0];
      if (block === undefined || block.from === block.to) return null;
      const piece = block.memory.subarray(block.from, block.to);
      block.from = block.to;
      return piece;
    },
    hasSpace,
    isEmpty: () => used.every(({ from, to }) => from === to),
  };
}
