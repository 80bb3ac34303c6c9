/** From a meter's reading to dollars. Pure. */

import type { Usage } from "./meter.ts";
import { hoursPerMonth, lambdaMbPerVcpu, minutesPerMonth, prices } from "./prices.ts";

export interface Item {
  name: string;
  /** Of whatever the item is billed by. */
  count: number;
  usd: number;
}

/** How long a video lies in storage between its first part and its end; uploads at home take minutes, posts seconds. */
const storedHours = 1;

/** What one publication costs, scaled to a gigabyte of video. Egress is the last item. */
export function billPerGb(
  usage: Usage,
  given: { bytes: number; memoryMbByFunction: Record<string, number>; relaySeconds: number },
): Item[] {
  const gigabytes = given.bytes / 1e9;
  const perGb = (name: string, count: number, price: number): Item => ({
    name,
    count: count / gigabytes,
    usd: (count / gigabytes) * price,
  });
  const { invocations } = usage;
  const gbSecondsOf = (name: string, seconds: number) =>
    ((given.memoryMbByFunction[name] ?? 0) / 1024) * seconds;
  const others = Object.entries(invocations).filter(([name]) => name !== "Relay");
  const otherGbSeconds = others.reduce(
    (sum, [name, { seconds }]) => sum + gbSecondsOf(name, seconds),
    0,
  );
  const invocationCount = Object.values(invocations).reduce((sum, { count }) => sum + count, 0);
  return [
    perGb("Lambda, relay (GB-s)", gbSecondsOf("Relay", given.relaySeconds), prices.lambdaGbSecond),
    perGb("Lambda, others (GB-s)", otherGbSeconds, prices.lambdaGbSecond),
    perGb("Lambda requests", invocationCount, prices.lambdaRequest),
    perGb("S3 PUT, POST, LIST", usage.s3Writes, prices.s3Write),
    perGb("S3 GET, HEAD", usage.s3Reads, prices.s3Read),
    perGb("S3 storage (GB-hours)", gigabytes * storedHours, prices.s3GbMonth / hoursPerMonth),
    perGb("DynamoDB write units", usage.dynamoWriteUnits, prices.dynamoWriteUnit),
    perGb("DynamoDB read units", usage.dynamoReadUnits, prices.dynamoReadUnit),
    perGb("SQS requests", usage.sqsRequests, prices.sqsRequest + prices.sqsFairRequest),
    perGb("KMS requests", usage.kmsRequests, prices.kmsRequest),
    perGb("API Gateway requests", usage.gatewayRequests, prices.gatewayRequest),
    perGb("CloudFront requests", usage.gatewayRequests, prices.routerRequest),
    perGb("CloudWatch logs (GB)", usage.logBytes / 1e9, prices.logGb),
    perGb("egress (GB)", usage.egressBytes / 1e9, prices.egressGb),
  ];
}

/** What is paid each month before the first video is published. */
export function billPerMonth(given: {
  pollerSeconds: number;
  pollerMemoryMb: number;
  pollerReadUnits: number;
  pollerLogBytes: number;
  keys: number;
  alarms: number;
  metrics: number;
  eventSources: number;
}): Item[] {
  const ticks = minutesPerMonth;
  const item = (name: string, count: number, price: number): Item => ({
    name,
    count,
    usd: count * price,
  });
  const gbSeconds = ticks * given.pollerSeconds * (given.pollerMemoryMb / 1024);
  // Lambda polls each queue with five connections, of 20 s each. It would go down to two for an idle queue, but not where the
  // mapping has a maximum concurrency, as the two busy ones have: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
  const receives = given.eventSources * 5 * 3 * minutesPerMonth;
  return [
    item("poller (GB-s)", gbSeconds, prices.lambdaGbSecond),
    item("poller invocations", ticks, prices.lambdaRequest + prices.scheduleInvocation),
    item("poller read units", ticks * given.pollerReadUnits, prices.dynamoReadUnit),
    item("poller logs (GB)", (ticks * given.pollerLogBytes) / 1e9, prices.logGb),
    item("SQS empty receives", receives, prices.sqsRequest),
    item("KMS keys", given.keys, prices.kmsKeyMonth),
    item("alarms", given.alarms, prices.alarmMonth),
    item("metrics", given.metrics, prices.metricMonth),
    item("dashboard", 1, prices.dashboardMonth),
  ];
}

/** What the relay is taken for at each memory size: CPU grows with memory up to one core, the network ends before. */
const memorySizesMb = [256, 512, 768, 1024, 1769, 3008];
/**
 * What a function's network is commonly seen to give, 400 to 700 Mbit/s; AWS publishes no figure. Assumed from 512 MB on:
 * less memory is seen to have less (https://dpgmedia-engineering.medium.com/the-effect-of-memory-configuration-on-aws-lambdas-network-throughput-410bde99127).
 */
const networkMbPerSecond = 75;
/** The relay's CPU was measured here without TLS; encrypting both ways is taken to cost as much again. Not measured. */
const tlsFactor = 2;

export interface MemoryChoice {
  memoryMb: number;
  secondsPerGb: number;
  gbSecondsPerGb: number;
  usd: number;
}

export function relayByMemory(cpuSecondsPerGiB: number): MemoryChoice[] {
  const cpuSecondsPerGb = (cpuSecondsPerGiB / 2 ** 30) * 1e9 * tlsFactor;
  return memorySizesMb.map((memoryMb) => {
    const cores = Math.min(1, memoryMb / lambdaMbPerVcpu);
    const secondsPerGb = Math.max(1_000 / networkMbPerSecond, cpuSecondsPerGb / cores);
    const gbSecondsPerGb = (secondsPerGb * memoryMb) / 1024;
    return { memoryMb, secondsPerGb, gbSecondsPerGb, usd: gbSecondsPerGb * prices.lambdaGbSecond };
  });
}
