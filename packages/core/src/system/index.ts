/**
 * The ports through which core touches the world that is neither table, storage nor TikTok: time, randomness, the
 * log, queues and the sealing of secrets. Hosts pass implementations in; core never reaches for its own.
 */
import { hash } from "node:crypto";

export { createKmsSealer } from "./kms.ts";
export { createSqsQueue } from "./sqs.ts";

export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number;
  /** Resolves after `delayMs`, or at once when the signal aborts; it never rejects. */
  wait(delayMs: number, signal?: AbortSignal): Promise<void>;
}

export interface Random {
  /** Cryptographically strong bytes. */
  bytes(count: number): Uint8Array;
}

/** `event` is the line's own name and no field. */
export type LogFields = Record<string, string | number | boolean | null | undefined> & {
  event?: never;
};

/** What the functions report, and in which unit: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html */
export const metricUnits = {
  BytesRelayed: "Bytes",
  ChunkLatency: "Milliseconds",
  PublicationFailed: "Count",
  PublicationPublished: "Count",
  RelayRetries: "Count",
  TimeToPublished: "Milliseconds",
  TokenRefreshFailed: "Count",
} as const;

/** What one outcome adds to the metrics. */
export type Measures = { [Name in keyof typeof metricUnits]?: number };

export interface Log {
  /**
   * One line per outcome: an event name and plain fields. Never tokens, codes, signed URLs or whole events. Measures
   * belong to the outcome that they measure, so there is no other way to report them.
   */
  event(name: string, fields: LogFields, measures?: Measures): void;
}

export interface Queue {
  /** `groupId` names the user, so that fair queues keep one user's backlog from delaying another's message. */
  send(message: { body: string; groupId: string; delaySeconds: number }): Promise<void>;
  /** About how many messages could be received now but have not been. */
  waiting(): Promise<number>;
}

export interface Sealer {
  /** Encrypts; the same context must be given to open it again. Answers printable text. */
  seal(plaintext: string, context: Record<string, string>): Promise<string>;
  open(sealed: string, context: Record<string, string>): Promise<string>;
}

/** The longest delay that SQS accepts for a message, in seconds (SQS API reference, SendMessage, DelaySeconds). */
export const queueDelaySecondsMax = 900;

/** SHA-256 in hex: how secrets that only have to be recognised are stored. */
export function digest(text: string): string {
  return hash("sha256", text, "hex");
}

/** Tells a creator's lines from others' and does not tell whose they are. */
export function accountHash(openId: string): string {
  return digest(openId).slice(0, 16);
}

/** A random value of 256 bits in base64url, for sessions and states. */
export function secret(random: Random): string {
  return Buffer.from(random.bytes(32)).toString("base64url");
}

/** An id that sorts by time of creation: 12 hex digits of epoch milliseconds, then 80 random bits. */
export function timeOrderedId(deps: { clock: Clock; random: Random }): string {
  const time = deps.clock.nowMs().toString(16).padStart(12, "0");
  return `${time}${Buffer.from(deps.random.bytes(10)).toString("hex")}`;
}
