/** The cut that is proposed, for links and files from small to large. */
import { describe, expect, it } from "vitest";
import { planParts } from "../../core/src/uploads/plan.ts";
import { cutParts, proposePartBytes } from "../src/part-size.ts";

const mib = 2 ** 20;
const gib = 2 ** 30;

describe("proposePartBytes", () => {
  it.each([
    ["an unknown link and a file of 100 MiB, in a dozen parts", 100 * mib, null, 8],
    ["an unknown link and a file of 30 MiB", 30 * mib, null, 5],
    ["an unknown link and a file of 500 MiB", 500 * mib, null, 8],
    ["an unknown link and a file of 1 GiB, in a hundred parts", gib, null, 10],
    ["an unknown link and a large file", 4 * gib, null, 16],
    ["a hotspot", 4 * gib, 1e6, 5],
    ["a home's 100 Mbit/s", 4 * gib, 12.5e6, 7],
    ["1 Gbit/s", 4 * gib, 125e6, 64],
    ["1 Gbit/s and a file of 1 GiB, in two dozen parts", gib, 125e6, 42],
    ["1 Gbit/s and a small file", 100 * mib, 125e6, 8],
    ["a file that needs more for a thousand parts", 60 * gib, 1e6, 62],
  ])("fits %s", (_name, fileBytes, bytesPerSecond, expectedMib) => {
    expect(proposePartBytes(fileBytes, bytesPerSecond)).toBe(expectedMib * mib);
  });

  it("is what the backend takes, so that what was read for it is signed at once", () => {
    for (const fileBytes of [1, 5 * mib, 300_000_001, gib, 4 * gib, 9 * gib, 80 * gib]) {
      for (const bytesPerSecond of [null, 1, 1e5, 1e6, 13e6, 33.3e6, 125e6, 1e12]) {
        const partBytes = proposePartBytes(fileBytes, bytesPerSecond);
        expect(planParts(fileBytes, partBytes).partBytes).toBe(partBytes);
      }
    }
  });
});

describe("cutParts", () => {
  it("leaves nothing out and doubles nothing", () => {
    expect(cutParts(25, 10)).toEqual([
      { partNumber: 1, firstByte: 0, bytes: 10 },
      { partNumber: 2, firstByte: 10, bytes: 10 },
      { partNumber: 3, firstByte: 20, bytes: 5 },
    ]);
    expect(cutParts(20, 10).map(({ bytes }) => bytes)).toEqual([10, 10]);
  });
});
