/**
 * Ranged reads for the relay: a presigned GET on the wire, because the SDK's own stream costs several times as much
 * processor time per byte. Apart from the rest of storage, so that functions that move no bytes do not carry it.
 */
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { FatalError, RetryableError } from "../errors/index.ts";
import type { Clock } from "../system/index.ts";
import type { Wire } from "../wire/index.ts";
import type { ByteStream, RangeReader } from "./index.ts";

/** S3's first byte takes tens of milliseconds. Storage that falls silent is noticed before TikTok's PUT is given up. */
const silenceMsMax = 30_000;
/** A range's GET starts at once, so its signature needs no longer life than the time in which it is used again. */
export const rangeUrlSeconds = 300;
/** The other half of its life is for clocks that differ and for connections that take their time. */
const urlUseMs = (rangeUrlSeconds * 1000) / 2;
const storageRetryAfterMs = 1_000;

export function createRangeReader(options: {
  client: S3Client;
  bucket: string;
  wire: Wire;
  clock: Pick<Clock, "nowMs">;
}): RangeReader {
  const urls = createUrls(options);
  return {
    async openRange({ key, etag, firstByte, lastByte, signal }): Promise<ByteStream> {
      const request = {
        url: await urls.of(key),
        // Identity keeps a proxy from answering compressed bytes, whose count would not be ours.
        headers: {
          range: `bytes=${firstByte}-${lastByte}`,
          "if-match": etag,
          "accept-encoding": "identity",
        },
        silenceMsMax,
        signal,
      };
      const answer = await options.wire.get(request).catch((cause: unknown) => {
        throw retryable("storage_unreachable", "Storage could not be reached.", cause);
      });
      const { status, headers, bodyBytes, body } = answer;
      const isRange = headers.get("content-range")?.startsWith(`bytes ${firstByte}-${lastByte}/`);
      if (status === 206 && isRange && bodyBytes === lastByte - firstByte + 1) return body;

      // A body that nobody reads must not keep its connection.
      body.destroy();
      // It may be the URL: its signer's session can end before its time.
      urls.forget();
      if (status === 404 || status === 412 || status === 416) {
        throw new FatalError("video_missing", "The uploaded video is no longer in storage.");
      }
      throw retryable("storage_refused", `Storage answered ${status} to a range.`);
    },
  };
}

/** One URL serves all ranges of an object for a while: neither the range nor the ETag is part of its signature. */
function createUrls({ client, bucket, clock }: Parameters<typeof createRangeReader>[0]) {
  let known: { key: string; url: string; untilMs: number } | null = null;
  return {
    async of(key: string): Promise<string> {
      const nowMs = clock.nowMs();
      if (known?.key === key && nowMs < known.untilMs) return known.url;
      const command = new GetObjectCommand({ Bucket: bucket, Key: key });
      const url = await getSignedUrl(client, command, { expiresIn: rangeUrlSeconds });
      known = { key, url, untilMs: nowMs + urlUseMs };
      return url;
    },
    forget(): void {
      known = null;
    },
  };
}

function retryable(code: string, message: string, cause?: unknown): RetryableError {
  return new RetryableError(code, message, { cause, retryAfterMs: storageRetryAfterMs });
}
