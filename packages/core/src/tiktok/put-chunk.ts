/**
 * One PUT to an upload URL, its body passed on as it comes. The wire holds the source back when TikTok is slow, so memory
 * stays at a few blocks whatever the chunk's size.
 */
import { BrokenConnection, type Wire } from "../wire/index.ts";
import type { ChunkOutcome, SendChunk } from "./index.ts";

/** Time without progress after which the connection counts as dead. It restarts with every write that is taken. */
const silenceMsMax = 60_000;

export function createChunkSender({ wire }: { wire: Wire }): SendChunk {
  return async ({ uploadUrl, contentType, firstByte, lastByte, totalBytes, body, signal }) => {
    const bytes = lastByte - firstByte + 1;
    try {
      const { status } = await wire.put({
        url: uploadUrl,
        headers: {
          "content-type": contentType,
          // Exact: chunked transfer-encoding is refused.
          "content-length": String(bytes),
          "content-range": `bytes ${firstByte}-${lastByte}/${totalBytes}`,
        },
        bytes,
        body,
        silenceMsMax,
        signal,
      });
      return outcomeOf(status);
    } catch (error) {
      if (error instanceof BrokenConnection) return { type: "unknown", reason: error.code };
      throw error;
    } finally {
      body.destroy();
    }
  };
}

function outcomeOf(httpStatus: number): ChunkOutcome {
  if (httpStatus === 201) return { type: "accepted", isLast: true };
  if (httpStatus === 206) return { type: "accepted", isLast: false };
  if (httpStatus === 416) return { type: "mismatch" };
  if (httpStatus === 403 || httpStatus === 404) return { type: "gone", httpStatus };
  if (httpStatus === 429 || httpStatus >= 500) return { type: "unknown", reason: `${httpStatus}` };
  return { type: "rejected", httpStatus };
}
