/** The bill and the plot: figures in, dollars and bars out. */
import { describe, expect, it } from "vitest";
import { billPerGb, relayByMemory } from "../bench/cost/bill.ts";
import { itemBytes } from "../bench/cost/item-size.ts";
import type { Usage } from "../bench/cost/meter.ts";
import { reckon, sizeRow } from "../bench/cost/sizes.ts";
import { draw } from "../bench/plot.ts";

const usage: Usage = {
  s3Writes: 200,
  s3Reads: 0,
  dynamoWriteUnits: 0,
  dynamoReadUnits: 0,
  dynamoRequests: 0,
  sqsRequests: 0,
  kmsRequests: 0,
  gatewayRequests: 0,
  egressBytes: 2e9,
  logBytes: 0,
  invocations: {
    Relay: { count: 1, seconds: 5, peakMb: 160 },
    Api: { count: 9, seconds: 2, peakMb: 100 },
  },
};

describe("the bill", () => {
  const items = billPerGb(usage, {
    bytes: 2e9,
    memoryMbByFunction: { Relay: 512, Api: 1024 },
    relaySeconds: 20,
  });
  const item = (name: string) => items.find((one) => one.name === name);

  it("is of one gigabyte, whatever was published", () => {
    expect(item("S3 PUT, POST, LIST")).toMatchObject({ count: 100, usd: 0.0005 });
    expect(item("Lambda requests")).toMatchObject({ count: 5 });
    expect(items.at(-1)).toMatchObject({ name: "egress (GB)", count: 1, usd: 0.09 });
  });

  it("takes each function's seconds by its memory", () => {
    expect(item("Lambda, relay (GB-s)")).toMatchObject({ count: 5 });
    expect(item("Lambda, others (GB-s)")).toMatchObject({ count: 1 });
  });
});

describe("the bill by size", () => {
  // Nine requests come with the video and one with each megabyte.
  const of = (bytes: number) => ({
    bytes,
    usage: { ...usage, s3Writes: 9 + bytes / 1e6, egressBytes: bytes },
  });

  it("reckons what comes with each video and what comes with its bytes", () => {
    const reckoned = reckon(of(100e6), of(1_000e6), 4_000e6);
    expect(reckoned).toMatchObject({ s3Writes: 4_009, egressBytes: 4_000e6, logBytes: 0 });
    expect(reckoned.invocations.Api).toEqual({ count: 9, seconds: 2, peakMb: 100 });
  });

  it("is told as shares of egress that add up", () => {
    const given = { memoryMbByFunction: { Relay: 512, Api: 1024 }, relaySeconds: 20 };
    const row = sizeRow("2 GB", of(2e9), billPerGb(of(2e9).usage, { ...given, bytes: 2e9 }));
    const sum = ["storage", "compute", "table", "edge", "rest"].reduce(
      (total, key) => total + Number(row[key]),
      0,
    );
    expect(row).toMatchObject({ name: "2 GB", s3WritesPerVideo: 2_009 });
    expect(sum).toBeCloseTo(Number(row.ofEgress), 3);
  });
});

describe("an item's size", () => {
  it("is of names and values, with a byte for each element and three for what holds them", () => {
    expect(itemBytes({ pk: { S: "é" } })).toBe(2 + 2);
    expect(itemBytes({ n: { N: "-1800000000000" } })).toBe(1 + 7 + 1);
    expect(itemBytes({ is: {} })).toBe(2 + 1);
    expect(itemBytes({ l: { L: [{ S: "ab" }, { S: "c" }] } })).toBe(1 + 3 + 2 + 3);
    expect(itemBytes({ m: { M: { a: { S: "bc" } } } })).toBe(1 + 3 + 1 + 1 + 2);
  });
});

describe("memory for the relay", () => {
  it("buys speed until the network is the limit, and only costs from there on", () => {
    const choices = relayByMemory(2.5);
    for (const [index, { secondsPerGb, usd }] of choices.entries()) {
      const smaller = choices[index - 1];
      expect(secondsPerGb).toBeLessThanOrEqual(smaller?.secondsPerGb ?? Number.POSITIVE_INFINITY);
      expect(usd).toBeGreaterThanOrEqual((smaller?.usd ?? 0) * 0.999);
    }
    expect(choices.at(-1)?.secondsPerGb).toBe(choices.at(-2)?.secondsPerGb);
  });
});

describe("the plot", () => {
  it("draws a bar for each row, ours in a colour of its own, and no panel without a result", () => {
    const rows = [
      { name: "curl | curl", mbPerSecond: 100 },
      { name: "a < b", mbPerSecond: 50 },
      { name: "ours", mbPerSecond: 98 },
    ];
    const svg = draw({ relay: { rows } });
    expect(svg.match(/class="bar"/g)).toHaveLength(2);
    expect(svg.match(/class="ours"/g)).toHaveLength(1);
    expect(svg.match(/class="title"/g)).toHaveLength(1);
    expect(svg).toContain("a &lt; b");
    expect(svg).toContain("98 MB/s");
  });
});
