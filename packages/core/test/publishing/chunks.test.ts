import { createWorld } from "@clipcast/core/testing";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  aimsToTry,
  chunkAims,
  chunkAt,
  planChunks,
  rememberAim,
} from "../../src/publishing/chunks.ts";

const mib = 2 ** 20;
/** "MB" is read as either; a plan must be right in both. */
const megabytes = [1_000_000, mib];

/** TikTok's rules as its media transfer guide words them, independent of how the planner thinks. */
function violations(size: number, chunk: number, count: number, mb: number): string[] {
  const last = size - chunk * (count - 1);
  const rules: [boolean, string][] = [
    [Number.isInteger(chunk) && chunk > 0 && Number.isInteger(count), "positive integers"],
    [count >= 1 && count <= 1_000, "1 to 1,000 chunks"],
    [count === Math.floor(size / chunk), "count is floor(size / chunk)"],
    [count > 1 || chunk === size, "a single chunk is the whole file"],
    [count === 1 || chunk >= 5 * mb, "a chunk has at least 5 MB"],
    [chunk <= 64 * mb, "a chunk has at most 64 MB"],
    [size >= 5 * mb || count === 1, "a file below 5 MB goes whole"],
    [size <= 64 * mb || count > 1, "a file above 64 MB goes in several chunks"],
    [last >= chunk && last <= 128 * mb, "the last chunk carries the rest, up to 128 MB"],
  ];
  return rules.filter(([holds]) => !holds).map(([, rule]) => rule);
}

/** Sizes of every magnitude: a plain integer property would hardly ever look below a gigabyte. */
const anySize = fc.oneof(
  fc.integer({ min: 1, max: 20_000_000 }),
  fc.integer({ min: 20_000_000, max: 200_000_000 }),
  fc.integer({ min: 200_000_000, max: 60_000_000_000 }),
);
const anyAim = fc.constantFrom(...chunkAims);

const edges = [
  1,
  5_000_000,
  5 * mib,
  10_000_000,
  10 * mib,
  15_728_639,
  20_000_000,
  32_000_000,
  63_000_000,
  64_000_000,
  64 * mib,
  126_000_000,
  128_000_000,
  128 * mib,
  157_286_400,
  4_000_000_000,
  4_294_967_296,
  1_000 * 5 * mib,
  1_000 * 32_000_000,
  60_000_000_000,
].flatMap((size) => [size - 1, size, size + 1].filter((bytes) => bytes >= 1));

describe("planChunks", () => {
  it.each(chunkAims)("keeps TikTok's rules at every edge, aiming at %i bytes", (aimBytes) => {
    for (const bytes of edges) {
      const { chunkBytes, chunkCount } = planChunks(bytes, aimBytes);
      for (const mb of megabytes) {
        expect({ bytes, broken: violations(bytes, chunkBytes, chunkCount, mb) }).toEqual({
          bytes,
          broken: [],
        });
      }
    }
  });

  it("keeps TikTok's rules for any size and aim, in both readings of MB", () => {
    return fc.assert(
      fc.property(anySize, anyAim, fc.constantFrom(...megabytes), (bytes, aimBytes, mb) => {
        const { chunkBytes, chunkCount } = planChunks(bytes, aimBytes);
        expect(violations(bytes, chunkBytes, chunkCount, mb)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    [64_000_000, { chunkBytes: 64_000_000, chunkCount: 1 }],
    [64_000_001, { chunkBytes: 32_000_000, chunkCount: 2 }],
    [4_294_967_296, { chunkBytes: 62_245_902, chunkCount: 69 }],
  ])("needs the fewest round trips for %i bytes", (bytes, plan) => {
    expect(planChunks(bytes)).toEqual(plan);
  });

  it("never makes more chunks for a larger aim", () => {
    return fc.assert(
      fc.property(anySize, (bytes) => {
        const counts = chunkAims.map((aim) => planChunks(bytes, aim).chunkCount);
        expect(counts).toEqual(counts.toSorted((one, other) => one - other));
      }),
    );
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses a size of %d", (bytes) => {
    expect(() => planChunks(bytes)).toThrow("a file has a size");
  });
});

describe("chunkAt", () => {
  it("covers each byte exactly once, in order", () => {
    return fc.assert(
      fc.property(anySize, anyAim, (bytes, aimBytes) => {
        const plan = planChunks(bytes, aimBytes);
        let nextByte = 0;
        for (let chunkIndex = 0; chunkIndex < plan.chunkCount; chunkIndex += 1) {
          const chunk = chunkAt(plan, bytes, nextByte);
          expect(chunk?.firstByte).toBe(nextByte);
          expect(chunk?.isLast).toBe(chunkIndex === plan.chunkCount - 1);
          nextByte = (chunk?.lastByte ?? Number.NaN) + 1;
        }
        expect(nextByte).toBe(bytes);
      }),
    );
  });

  it("answers null off the boundaries of the plan and behind its end", () => {
    const plan = { chunkBytes: 10_000_000, chunkCount: 5 };
    expect(chunkAt(plan, 50_000_123, 10_000_000)).toEqual({
      firstByte: 10_000_000,
      lastByte: 19_999_999,
      isLast: false,
    });
    expect(chunkAt(plan, 50_000_123, 40_000_000)).toEqual({
      firstByte: 40_000_000,
      lastByte: 50_000_122,
      isLast: true,
    });
    expect(chunkAt(plan, 50_000_123, 10_000_001)).toBeNull();
    expect(chunkAt(plan, 50_000_123, 50_000_000)).toBeNull();
  });
});

describe("the aims to try", () => {
  it("begin with the largest, and later with what TikTok accepted last", async () => {
    const { deps } = createWorld();
    expect(await aimsToTry(deps)).toEqual([...chunkAims]);

    await rememberAim(deps, 10_000_000);
    await rememberAim(deps, 10_000_000);

    expect(await aimsToTry(deps)).toEqual([10_000_000, 5_242_880]);
    expect(deps.table.rows()).toHaveLength(1);
    expect(deps.table.rows()[0]?.version).toBe(1);
  });

  it("are all of them when what is remembered is smaller than any", async () => {
    const { deps } = createWorld();
    await rememberAim(deps, 1_000_000);

    expect(await aimsToTry(deps)).toEqual([...chunkAims]);
  });
});
