/**
 * The body of one request: how long it claims to be, its bytes as they arrive, and every check on them.
 *
 * Promises that `receivePayload` returns only when the body was whole and matched each hash the client stated (signed
 * SHA-256, Content-MD5, checksum header or trailer), and that no more than a chunk is held. Where the bytes go is the
 * caller's choice of sink.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { decodeAwsChunked } from "./aws-chunked.ts";
import {
  type Algorithm,
  algorithms,
  type ChecksumValue,
  type Digest,
  headerOf,
  startDigest,
  statedChecksum,
} from "./checksums.ts";
import { S3Error } from "./errors.ts";

export type Payload = {
  /** Size of the content, without framing; undefined when the client did not say. */
  sizeBytes: number | undefined;
  /** From the signature: a SHA-256 in hex, or undefined when the body is not signed. */
  sha256: string | undefined;
  headers: ReadonlyMap<string, string>;
  /** Filled while the last bytes are read. */
  trailers: ReadonlyMap<string, string>;
  chunks: AsyncIterable<Uint8Array>;
};

export type Received = {
  sizeBytes: number;
  md5: string;
  /** The checksum the client stated, or the one asked for by `algorithm`. */
  checksum: ChecksumValue | undefined;
};

/** XML bodies only: a completion of 10,000 parts with checksums is below 3 MiB. */
const documentBytesMax = 4 * 1024 * 1024;

const streamingTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

export function openPayload(
  message: IncomingMessage,
  request: {
    headers: ReadonlyMap<string, string>;
    payloadHash: string;
    onBytes: (count: number) => void;
  },
): Payload {
  const { headers, payloadHash } = request;
  const trailers = new Map<string, string>();
  const raw = countBytes(message, request.onBytes);
  if (payloadHash.startsWith("STREAMING-") && payloadHash !== streamingTrailer) {
    // Chunk signatures are a second signature scheme; SDKs use it only for streams over plain HTTP without trailers.
    throw new S3Error("NotImplemented", { message: `${payloadHash} is not supported` });
  }
  if (payloadHash === streamingTrailer) {
    const chunks = decodeAwsChunked(raw, (name, value) => trailers.set(name, value));
    const sizeBytes = readSize(headers.get("x-amz-decoded-content-length"));
    return { sizeBytes, sha256: undefined, headers, trailers, chunks };
  }
  const sha256 = payloadHash === "UNSIGNED-PAYLOAD" ? undefined : payloadHash;
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)) {
    const message = "x-amz-content-sha256 must be UNSIGNED-PAYLOAD or a valid sha256 value.";
    throw new S3Error("InvalidArgument", { message });
  }
  return {
    sizeBytes: readSize(headers.get("content-length")),
    sha256,
    headers,
    trailers,
    chunks: raw,
  };
}

/** Whether the client says what the checksum is, ahead of the body or behind it. */
export function statesChecksum(payload: Payload): boolean {
  return expectedAlgorithm(payload) !== undefined;
}

/** Streams the body into `sink`, holding back the client while the sink is busy. */
export async function receivePayload(
  payload: Payload,
  options: {
    sizeBytesMax: number;
    /** Also compute this checksum when the client states none. */
    algorithm?: Algorithm | undefined;
    sink: (chunk: Uint8Array) => void | Promise<void>;
  },
): Promise<Received> {
  if (payload.sizeBytes === undefined) throw new S3Error("MissingContentLength");
  if (payload.sizeBytes > options.sizeBytesMax) throw new S3Error("EntityTooLarge");
  const contentMd5 = readContentMd5(payload.headers);
  const algorithm = expectedAlgorithm(payload) ?? options.algorithm;
  const md5 = createHash("md5");
  const sha256 = payload.sha256 === undefined ? undefined : createHash("sha256");
  const digest = algorithm === undefined ? undefined : startDigest(algorithm);
  let sizeBytes = 0;
  for await (const chunk of payload.chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > payload.sizeBytes) throw new S3Error("IncompleteBody");
    md5.update(chunk);
    sha256?.update(chunk);
    digest?.update(chunk);
    await options.sink(chunk);
  }
  if (sizeBytes !== payload.sizeBytes) throw new S3Error("IncompleteBody");
  if (sha256 !== undefined && sha256.digest("hex") !== payload.sha256) {
    throw new S3Error("XAmzContentSHA256Mismatch");
  }
  const md5Bytes = md5.digest();
  if (contentMd5 !== undefined && !md5Bytes.equals(contentMd5)) throw new S3Error("BadDigest");
  const checksum = await finishChecksum(payload, algorithm, digest);
  return { sizeBytes, md5: md5Bytes.toString("hex"), checksum };
}

/** Reads a whole small body as text, with the same checks. */
export async function readDocument(payload: Payload): Promise<string> {
  const chunks: Uint8Array[] = [];
  if ((payload.sizeBytes ?? 0) > documentBytesMax) throw new S3Error("MaxMessageLengthExceeded");
  await receivePayload(
    { ...payload, sizeBytes: payload.sizeBytes ?? 0 },
    { sizeBytesMax: documentBytesMax, sink: (chunk) => void chunks.push(chunk) },
  );
  return Buffer.concat(chunks).toString("utf8");
}

/** Yields the body and leaves the connection usable when its reader stops early, so that a refusal can be sent. */
async function* countBytes(
  message: IncomingMessage,
  onBytes: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterable<Uint8Array> = message.iterator({ destroyOnReturn: false });
  try {
    for await (const chunk of chunks) {
      onBytes(chunk.length);
      yield chunk;
    }
  } catch (cause) {
    // The only way a request stream fails is that the client went away in the middle of it.
    throw new S3Error("IncompleteBody", { cause });
  }
}

function expectedAlgorithm(payload: Payload): Algorithm | undefined {
  const announced = (payload.headers.get("x-amz-trailer") ?? "").toLowerCase().split(/\s*,\s*/);
  return (
    statedChecksum(payload.headers)?.algorithm ??
    algorithms.find((algorithm) => announced.includes(headerOf(algorithm)))
  );
}

async function finishChecksum(
  payload: Payload,
  algorithm: Algorithm | undefined,
  digest: Digest | undefined,
): Promise<ChecksumValue | undefined> {
  if (algorithm === undefined || digest === undefined) return undefined;
  const stated = statedChecksum(payload.headers) ?? statedChecksum(payload.trailers);
  const isAnnounced = expectedAlgorithm(payload) !== undefined;
  if (isAnnounced && stated?.algorithm !== algorithm) {
    throw new S3Error("InvalidRequest", { message: "The announced checksum trailer is missing." });
  }
  const value = await digest.value();
  if (stated !== undefined && stated.value !== value) {
    const message = `The ${algorithm} you specified did not match the calculated checksum.`;
    throw new S3Error("BadDigest", { message });
  }
  return { algorithm, value };
}

function readContentMd5(headers: ReadonlyMap<string, string>): Buffer | undefined {
  const text = headers.get("content-md5");
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== 16) throw new S3Error("InvalidDigest");
  return bytes;
}

function readSize(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new S3Error("InvalidArgument", { message: "Invalid length" });
  return Number(text);
}
