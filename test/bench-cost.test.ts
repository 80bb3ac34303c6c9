/** The bill and the plot: figures in, dollars and bars out. */
import { describe, expect, it } from "vitest";
import { billPerGb, relayByMemory } from "../bench/cost/bill.ts";
import type { Usage } from "../bench/cost/meter.ts";
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
  invocations: { Relay: { count: 1, seconds: 5 }, Api: { count: 9, seconds: 2 } },
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
