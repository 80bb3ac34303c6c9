/**
 * The shape every S3 operation has: it gets a verified call and returns a reply, or throws an `S3Error`.
 */
import type { Bucket } from "./bucket.ts";
import { S3Error } from "./errors.ts";
import type { Payload } from "./payload.ts";
import type { S3Request } from "./request.ts";
import type { Store } from "./store.ts";

export type Call = {
  store: Store;
  /** Verified, and with `x-amz-*` query values read as headers. */
  request: S3Request;
  payload: Payload;
  region: string;
  nowMs: () => number;
};

/** A run of bytes within one blob. */
export type Slice = { blob: string; offsetBytes: number; sizeBytes: number };

export type Reply = {
  status: number;
  headers?: Record<string, string>;
  xml?: string;
  /** Stored bytes to stream; `release` must be called once they were sent or given up. */
  content?: { bucket: Bucket; slices: Slice[]; release: () => Promise<void> };
};

export type Operation = (call: Call) => Promise<Reply>;

export function bucketOf(call: Call): Bucket {
  const bucket = call.store.buckets.get(call.request.bucket);
  if (bucket === undefined) {
    throw new S3Error("NoSuchBucket", { details: { BucketName: call.request.bucket } });
  }
  return bucket;
}

/** An integer query value within bounds, or the fallback when it is absent. */
export function integerQuery(
  call: Call,
  name: string,
  options: { min: number; max: number; fallback: number },
): number {
  const text = call.request.query.get(name);
  if (text === undefined || text === "") return options.fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < options.min) {
    const message = `Provided ${name} not an integer or within integer range`;
    throw new S3Error("InvalidArgument", { message, details: { ArgumentName: name } });
  }
  return Math.min(value, options.max);
}
