import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { partRange, planParts } from "../../src/uploads/index.ts";

const mib = 2 ** 20;
const anySize = fc.oneof(
  fc.integer({ min: 1, max: 50 * mib }),
  fc.integer({ min: 50 * mib, max: 60_000_000_000 }),
);

describe("planParts", () => {
  it("keeps S3's limits and one page of ListParts for any size", () => {
    return fc.assert(
      fc.property(anySize, (bytes) => {
        const { partBytes, partCount } = planParts(bytes);
        expect(partBytes % mib).toBe(0);
        expect(partBytes).toBeGreaterThanOrEqual(5 * mib);
        expect(partBytes).toBeLessThanOrEqual(5 * 1024 * mib);
        expect(partCount).toBeLessThanOrEqual(1_000);
      }),
    );
  });

  it("uses parts of 8 MiB until a thousand of them are not enough", () => {
    const most = 1_000 * 8 * mib;
    expect(planParts(1)).toEqual({ partBytes: 8 * mib, partCount: 1 });
    expect(planParts(8 * mib + 1)).toEqual({ partBytes: 8 * mib, partCount: 2 });
    expect(planParts(most)).toEqual({ partBytes: 8 * mib, partCount: 1_000 });
    expect(planParts(most + 1)).toEqual({ partBytes: 9 * mib, partCount: 889 });
  });

  it("takes the size that a client proposes, in whole MiB from 5 to 64", () => {
    const fourGib = 4_096 * mib;
    expect(planParts(fourGib, 20 * mib)).toEqual({ partBytes: 20 * mib, partCount: 205 });
    expect(planParts(fourGib, 20.9 * mib).partBytes).toBe(20 * mib);
    expect(planParts(100 * mib, 1).partBytes).toBe(5 * mib);
    expect(planParts(fourGib, 1e12).partBytes).toBe(64 * mib);
    // A thousand parts of what is proposed would not hold it.
    expect(planParts(9_000 * mib, 5 * mib)).toEqual({ partBytes: 9 * mib, partCount: 1_000 });
  });

  it.each([0, -5, 0.5])("refuses a size of %d", (bytes) => {
    expect(() => planParts(bytes)).toThrow("a file has a size");
  });
});

describe("partRange", () => {
  it("covers each byte exactly once, in order", () => {
    return fc.assert(
      fc.property(anySize, (bytes) => {
        const plan = planParts(bytes);
        let nextByte = 0;
        for (let partNumber = 1; partNumber <= plan.partCount; partNumber += 1) {
          const range = partRange({ ...plan, bytes }, partNumber);
          expect(range.firstByte).toBe(nextByte);
          expect(range.bytes).toBeGreaterThan(0);
          nextByte += range.bytes;
        }
        expect(nextByte).toBe(bytes);
      }),
    );
  });

  it.each([0, 3])("refuses part %i of two", (partNumber) => {
    const upload = { partBytes: 8 * mib, partCount: 2, bytes: 9 * mib };
    expect(() => partRange(upload, partNumber)).toThrow("the part is one of the plan");
  });
});
