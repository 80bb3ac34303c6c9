/**
 * Reads the meter: what AWS would bill, counted where requests arrive. The host's servers are in this process, and Node
 * tells of each request that they get; what flows either way is only looked at.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { IncomingMessage, ServerResponse } from "node:http";
import type { LocalHost } from "@clipcast/local";
import * as z from "zod";
import { itemBytes, itemSchema } from "./item-size.ts";

export interface Usage {
  s3Writes: number;
  s3Reads: number;
  dynamoWriteUnits: number;
  dynamoReadUnits: number;
  dynamoRequests: number;
  sqsRequests: number;
  kmsRequests: number;
  gatewayRequests: number;
  /** To TikTok's upload servers: what leaves AWS. */
  egressBytes: number;
  logBytes: number;
  /** By function. */
  invocations: Record<string, { count: number; seconds: number; peakMb: number }>;
}

const channel = "http.server.request.start";
/** Each invocation also logs its start, its end and a report, in JSON. */
const platformLogBytes = 700;
const writeUnitBytes = 1024;
const readUnitBytes = 4096;

export function startMeter(host: LocalHost): { stop(): Usage } {
  const usage: Usage = {
    s3Writes: 0,
    s3Reads: 0,
    dynamoWriteUnits: 0,
    dynamoReadUnits: 0,
    dynamoRequests: 0,
    sqsRequests: 0,
    kmsRequests: 0,
    gatewayRequests: 0,
    egressBytes: 0,
    logBytes: 0,
    invocations: {},
  };
  const { endpoints } = host;
  const dueByKey = new Map<string, string>();
  const hostOf = (url: string) => new URL(url).host;
  const readerByHost: Record<string, (message: IncomingMessage, response: ServerResponse) => void> =
    {
      [hostOf(host.url)]: ({ url = "" }) => {
        if (url.startsWith("/api/")) usage.gatewayRequests += 1;
      },
      [hostOf(endpoints.s3)]: (message) => countS3(usage, message),
      [hostOf(endpoints.dynamodb)]: (message, response) =>
        countDynamo(usage, dueByKey, message, response),
      // The host's event sources ask all the time; what Lambda's ask is in the monthly figures.
      [hostOf(endpoints.sqs)]: (message) => {
        if (targetOf(message) !== "ReceiveMessage") usage.sqsRequests += 1;
        // A message that is sent is received once.
        if (targetOf(message) === "SendMessage") usage.sqsRequests += 1;
      },
      [hostOf(endpoints.kms)]: () => {
        usage.kmsRequests += 1;
      },
      [hostOf(host.sandboxUrl)]: (message) => {
        if (message.method === "PUT")
          usage.egressBytes += Number(message.headers["content-length"]);
      },
    };
  const onRequest = (given: unknown) => {
    if (typeof given !== "object" || given === null) return;
    if (!("request" in given && given.request instanceof IncomingMessage)) return;
    if (!("response" in given && given.response instanceof ServerResponse)) return;
    readerByHost[given.request.headers.host ?? ""]?.(given.request, given.response);
  };
  subscribe(channel, onRequest);
  const stopListening = host.subscribe(({ functionName, line }) => {
    const [, durationMs] = /^REPORT .*Duration: ([\d.]+) ms/.exec(line) ?? [];
    usage.logBytes += durationMs === undefined ? Buffer.byteLength(line) : platformLogBytes;
    if (durationMs === undefined) return;
    const [, usedMb] = /Max Memory Used: (\d+) MB/.exec(line) ?? [];
    const known = usage.invocations[functionName] ?? { count: 0, seconds: 0, peakMb: 0 };
    usage.invocations[functionName] = {
      count: known.count + 1,
      seconds: known.seconds + Number(durationMs) / 1000,
      peakMb: Math.max(known.peakMb, Number(usedMb ?? 0)),
    };
  });
  return {
    stop() {
      unsubscribe(channel, onRequest);
      stopListening();
      return usage;
    },
  };
}

function targetOf(message: IncomingMessage): string {
  return String(message.headers["x-amz-target"]).split(".").at(-1) ?? "";
}

/** https://aws.amazon.com/s3/pricing/: preflights and deletions cost nothing. */
function countS3(usage: Usage, { method, url = "" }: IncomingMessage): void {
  const isList = method === "GET" && /[?&](uploadId|uploads|list-type)\b/.test(url);
  if (method === "PUT" || method === "POST" || isList) usage.s3Writes += 1;
  else if (method === "GET" || method === "HEAD") usage.s3Reads += 1;
}

/** Reads by the bytes on the wire, which are a little more than the item has: never too few. */
function countDynamo(
  usage: Usage,
  dueByKey: Map<string, string>,
  message: IncomingMessage,
  response: ServerResponse,
): void {
  usage.dynamoRequests += 1;
  const target = targetOf(message);
  if (target === "GetItem" || target === "Query") {
    tap(response, ["write", "end"], (bytes) => {
      usage.dynamoReadUnits += Math.max(1, Math.ceil(bytes / readUnitBytes));
    });
    return;
  }
  const isGathered = target === "BatchGetItem";
  const chunks: Buffer[] = [];
  const emit = message.emit.bind(message);
  message.emit = (name: string | symbol, ...given: unknown[]) => {
    const [chunk] = given;
    if (name === "data" && Buffer.isBuffer(chunk)) chunks.push(chunk);
    if (name === "end") {
      const text = Buffer.concat(chunks).toString("utf8");
      if (isGathered) usage.dynamoReadUnits += keysOf(text);
      else usage.dynamoWriteUnits += writeUnits(text, dueByKey);
    }
    return emit(name, ...given);
  };
}

const gatheredSchema = z.object({
  RequestItems: z.record(z.string(), z.object({ Keys: z.array(z.unknown()) })),
});

/** Each row that is read counts by itself, and none of ours has 4 kB. */
function keysOf(text: string): number {
  const { RequestItems } = gatheredSchema.parse(JSON.parse(text));
  return Object.values(RequestItems).reduce((sum, { Keys }) => sum + Keys.length, 0);
}

const writeSchema = z.object({ Item: itemSchema.optional(), Key: itemSchema.optional() });

/**
 * A row that comes into the index or leaves it is a unit, one that moves in it two: taken out and put in again. The index
 * has nothing but keys, so that all other changes leave it alone:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
 */
function writeUnits(text: string, dueByKey: Map<string, string>): number {
  const { Item, Key } = writeSchema.parse(JSON.parse(text));
  const item = Item ?? Key ?? {};
  const key = `${item.pk?.S} ${item.sk?.S}`;
  const before = dueByKey.get(key);
  const due = item.dueAtMs?.N;
  if (due === undefined) dueByKey.delete(key);
  else dueByKey.set(key, due);
  const moved = before === due ? 0 : Number(before !== undefined) + Number(due !== undefined);
  return Math.max(1, Math.ceil(itemBytes(item) / writeUnitBytes)) + moved;
}

/** Tells how long the answer's body was, once it has ended. */
function tap(
  response: ServerResponse,
  methods: ("write" | "end")[],
  onEnd: (bytes: number) => void,
): void {
  let bytes = 0;
  for (const name of methods) {
    const original: unknown = response[name];
    if (typeof original !== "function") continue;
    const value = (...given: unknown[]) => {
      const [chunk] = given;
      if (typeof chunk === "string" || chunk instanceof Uint8Array) bytes += chunk.length;
      return Reflect.apply(original, response, given);
    };
    Object.defineProperty(response, name, { value, configurable: true, writable: true });
  }
  response.once("finish", () => onEnd(bytes));
}
