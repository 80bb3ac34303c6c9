/**
 * What a published gigabyte costs by the size of the video: some requests come with each video, others with each of its
 * bytes. Two sizes are measured; a third is reckoned from the two, along a straight line. Pure.
 */
import type { Figure, Row } from "../report.ts";
import { round } from "../report.ts";
import type { Item } from "./bill.ts";
import type { Usage } from "./meter.ts";

export interface Measured {
  bytes: number;
  usage: Usage;
}

/** Parts of the bill that belong together, by the beginnings of their items' names. */
const shares: { key: string; title: string; of: string[] }[] = [
  { key: "storage", title: "S3 %", of: ["S3"] },
  { key: "compute", title: "Lambda %", of: ["Lambda"] },
  { key: "table", title: "DynamoDB %", of: ["DynamoDB"] },
  { key: "edge", title: "gateway, router %", of: ["API Gateway", "CloudFront"] },
  { key: "rest", title: "SQS, KMS, logs %", of: ["SQS", "KMS", "CloudWatch"] },
];

export const sizeFigures: Figure[] = [
  { key: "ofEgress", title: "% of egress", digits: 2 },
  ...shares.map(({ key, title }) => ({ key, title, digits: 2 })),
  { key: "s3WritesPerVideo", title: "S3 writes", digits: 0 },
  { key: "gatewayPerVideo", title: "API requests", digits: 0 },
];

/** `items` is the bill of one gigabyte; egress is its last. */
export function sizeRow(name: string, { usage }: Pick<Measured, "usage">, items: Item[]): Row {
  const egress = items.at(-1)?.usd ?? 0;
  const ofEgress = (some: Item[]) =>
    round((some.reduce((sum, { usd }) => sum + usd, 0) / egress) * 100);
  const others = items.slice(0, -1);
  const parts = shares.map(({ key, of }): [string, number] => [
    key,
    ofEgress(others.filter((item) => of.some((start) => item.name.startsWith(start)))),
  ]);
  return {
    name,
    ofEgress: ofEgress(others),
    ...Object.fromEntries(parts),
    s3WritesPerVideo: Math.round(usage.s3Writes),
    gatewayPerVideo: Math.round(usage.gatewayRequests),
  };
}

/** What a video of `bytes` would use, if what the two differ by came with their bytes and the rest with each video. */
export function reckon(small: Measured, large: Measured, bytes: number): Usage {
  const along = (one: number, other: number) =>
    Math.max(0, one + ((other - one) * (bytes - small.bytes)) / (large.bytes - small.bytes));
  const counts = (key: Exclude<keyof Usage, "invocations">) =>
    along(small.usage[key], large.usage[key]);
  const names = Object.keys({ ...small.usage.invocations, ...large.usage.invocations });
  const none = { count: 0, seconds: 0, peakMb: 0 };
  return {
    s3Writes: counts("s3Writes"),
    s3Reads: counts("s3Reads"),
    dynamoWriteUnits: counts("dynamoWriteUnits"),
    dynamoReadUnits: counts("dynamoReadUnits"),
    dynamoRequests: counts("dynamoRequests"),
    sqsRequests: counts("sqsRequests"),
    kmsRequests: counts("kmsRequests"),
    gatewayRequests: counts("gatewayRequests"),
    egressBytes: counts("egressBytes"),
    logBytes: counts("logBytes"),
    invocations: Object.fromEntries(
      names.map((name) => {
        const { [name]: one = none } = small.usage.invocations;
        const { [name]: other = none } = large.usage.invocations;
        const count = along(one.count, other.count);
        const seconds = along(one.seconds, other.seconds);
        return [name, { count, seconds, peakMb: Math.max(one.peakMb, other.peakMb) }];
      }),
    ),
  };
}
