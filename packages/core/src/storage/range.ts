/**
 * Ranged reads for the relay: a presigned GET on undici, because the SDK's own stream costs about half as much
 * processor time again per byte. Apart from the rest of storage, so that functions that move no bytes do not carry it.
 */
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { type Dispatcher, request } from "undici";
import { FatalError, RetryableError } from "../errors/index.ts";
import type { ByteStream, RangeReader } from "./index.ts";

/** A range must begin to arrive within this; S3's first byte takes tens of milliseconds. */
const rangeHeadersTimeoutMs = 30_000;
/** A range's GET starts at once, so its signature needs no longer life. */
export const rangeUrlSeconds = 300;
const storageRetryAfterMs = 1_000;

export function createRangeReader(options: {
  client: S3Client;
  bucket: string;
  dispatcher: Dispatcher;
}): RangeReader {
  return {
    async openRange({ key, etag, firstByte, lastByte, signal }): Promise<ByteStream> {
      const command = new GetObjectCommand({ Bucket: options.bucket, Key: key });
      const url = await getSignedUrl(options.client, command, { expiresIn: rangeUrlSeconds });
      const answer = await request(url, {
        dispatcher: options.dispatcher,
        method: "GET",
        // Identity keeps a proxy from answering compressed bytes, whose count would not be ours.
        headers: {
          range: `bytes=${firstByte}-${lastByte}`,
          "if-match": etag,
          "accept-encoding": "identity",
        },
        headersTimeout: rangeHeadersTimeoutMs,
        signal,
      }).catch((cause: unknown) => {
        throw retryable("storage_unreachable", "Storage could not be reached.", cause);
      });
      const { statusCode, headers, body } = answer;
      const wanted = `bytes ${firstByte}-${lastByte}/`;
      if (statusCode === 206 && String(headers["content-range"]).startsWith(wanted)) return body;

      // A body that nobody reads must not keep its connection.
      body.on("error", () => undefined).destroy();
      if (statusCode === 404 || statusCode === 412 || statusCode === 416) {
        throw new FatalError("video_missing", "The uploaded video is no longer in storage.");
      }
      throw retryable("storage_refused", `Storage answered ${statusCode} to a range.`);
    },
  };
}

function retryable(code: string, message: string, cause?: unknown): RetryableError {
  return new RetryableError(code, message, { cause, retryAfterMs: storageRetryAfterMs });
}
