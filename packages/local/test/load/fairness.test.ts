import { describe, expect, it } from "vitest";
import { compare } from "../../src/load/fairness.ts";
import { spark } from "../../src/load/report.ts";

const alone = [{ submittedAtMs: 0, firstByteMs: 200 }];
const noisyFirstByteMs = [1_100, 1_200, 3_000, 5_000];

describe("the fairness figure", () => {
  it("is the worst wait above the one alone, in chunk times", () => {
    const { figure, amid } = compare({
      alone,
      amid: [
        { submittedAtMs: 1_000, firstByteMs: 1_250 },
        { submittedAtMs: 2_000, firstByteMs: 3_200 },
      ],
      noisyFirstByteMs,
      chunkMs: 2_000,
    });
    expect(figure).toBe(0.5);
    expect(amid).toEqual([
      { waitMs: 250, passedBy: 2, leftBehind: 2 },
      { waitMs: 1_200, passedBy: 1, leftBehind: 1 },
    ]);
  });

  it("is nothing when nobody waits longer than alone", () => {
    const amid = [{ submittedAtMs: 1_000, firstByteMs: 1_150 }];
    expect(compare({ alone, amid, noisyFirstByteMs, chunkMs: 1 }).figure).toBe(0);
  });

  it("is no number where a first byte is missing", () => {
    const amid = [{ submittedAtMs: 1_000, firstByteMs: Number.NaN }];
    expect(compare({ alone, amid, noisyFirstByteMs, chunkMs: 1 }).figure).toBeNaN();
  });
});

describe("a line of bars", () => {
  it("shows the most of each stretch, and tells nothing from little", () => {
    expect(spark([0, 1, 4, 8])).toBe("·▁▄█");
    expect(spark([0, 8, 0, 0, 1, 0], 3)).toBe("█·▁");
    expect(spark([])).toBe("");
  });
});
