import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBlocks } from "../../src/wire/blocks.ts";

const blockBytes = 32_768;
const countMax = 3;
const create = () => createBlocks({ blockBytes, countMax });
const isOverlapping = (a: Uint8Array, b: Uint8Array) =>
  a.buffer === b.buffer &&
  a.byteOffset < b.byteOffset + b.length &&
  b.byteOffset < a.byteOffset + a.length;

/** What a socket and a reader do, in any order; `fill` is how much of the room arrives, in thousandths. */
const steps = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant("fill" as const), share: fc.integer({ min: 1, max: 1_000 }) }),
    fc.record({ type: fc.constant("take" as const) }),
  ),
  { minLength: 20, maxLength: 120 },
);

describe("blocks", () => {
  it("give every byte once and in order, and no room in what is lent or not yet taken", () => {
    fc.assert(
      fc.property(steps, (order) => {
        const blocks = create();
        const memories = new Set<ArrayBufferLike>();
        let room = blocks.room();
        let lent: { piece: Uint8Array; copy: Buffer } | null = null;
        let written = 0;
        let taken = 0;
        for (const step of order) {
          if (step.type === "fill") {
            const bytes = Math.max(1, Math.floor((room.length * step.share) / 1_000));
            for (let at = 0; at < bytes; at += 1) room[at] = (written + at) % 251;
            written += bytes;
            blocks.filled(bytes);
            // As Node does: the next room is asked for at once and stays reserved, whatever is taken meanwhile.
            room = blocks.room();
          } else {
            // Nothing that arrived changed what was lent.
            expect(lent === null || lent.copy.equals(lent.piece)).toBe(true);
            const piece = blocks.take();
            expect(piece === null).toBe(written === taken);
            lent = piece && { piece, copy: Buffer.from(piece) };
            for (const byte of piece ?? []) {
              if (byte !== taken % 251) expect.fail(`byte ${taken} is another one`);
              taken += 1;
            }
          }
          memories.add(room.buffer);
          expect(room.length).toBeGreaterThanOrEqual(16_384);
          expect(lent !== null && isOverlapping(lent.piece, room)).toBe(false);
          expect(blocks.isEmpty()).toBe(written === taken);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("stay within one block more than allowed when the writer minds what it is told", () => {
    fc.assert(
      fc.property(steps, (order) => {
        const blocks = create();
        const memories = new Set<ArrayBufferLike>();
        let room = blocks.room();
        let isHeld = false;
        for (const step of order) {
          if (step.type === "take") {
            blocks.take();
            isHeld = isHeld && !blocks.hasSpace();
          } else if (!isHeld) {
            const bytes = Math.max(1, Math.floor((room.length * step.share) / 1_000));
            isHeld = !blocks.filled(bytes);
            room = blocks.room();
          }
          memories.add(room.buffer);
        }
        expect(memories.size).toBeLessThanOrEqual(countMax + 1);
      }),
      { numRuns: 60 },
    );
  });

  it("take more than they have space for, and lose none of it", () => {
    const blocks = create();
    const memories = new Set<ArrayBufferLike>();
    for (let count = 0; count < 3 * countMax; count += 1) {
      const room = blocks.room();
      room.fill(count);
      memories.add(room.buffer);
      blocks.filled(room.length);
    }
    expect(blocks.hasSpace()).toBe(false);
    const firsts: unknown[] = [];
    for (let piece = blocks.take(); piece !== null; piece = blocks.take()) firsts.push(piece[0]);
    expect(firsts).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(blocks.hasSpace()).toBe(true);
    // What was beyond the space is not kept.
    const kept = Array.from(firsts, () => {
      const room = blocks.room();
      blocks.filled(room.length);
      return memories.has(room.buffer);
    });
    expect(kept.filter(Boolean).length).toBeLessThanOrEqual(countMax + 1);
  });

  it("use the memory of a piece again only after the next one was asked for", () => {
    const blocks = create();
    const fill = () => {
      const room = blocks.room();
      blocks.filled(room.length);
      return room.buffer;
    };
    const first = fill();
    const lent = blocks.take();
    expect(lent?.buffer).toBe(first);
    // Full and taken, and yet not free.
    expect(blocks.room().buffer).not.toBe(first);
    blocks.take();
    fill();
    expect(blocks.room().buffer).toBe(first);
  });

  it("offer the same room until it is filled", () => {
    const blocks = create();
    expect(isOverlapping(blocks.room(), blocks.room())).toBe(true);
    expect(blocks.room().length).toBe(blockBytes);
    expect(() => blocks.filled(blockBytes + 1)).toThrow("written to the room");
  });
});
