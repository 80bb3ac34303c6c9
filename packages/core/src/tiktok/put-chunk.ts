/**
 * One PUT to an upload URL, its body streamed. undici's request holds the source back when TikTok is slow, so memory
 * stays at a few socket buffers whatever the chunk's size.
 */
import { type Dispatcher, request } from "undici";
import type { ChunkOutcome, SendChunk } from "./index.ts";

/** Time without progress after which the connection counts as dead. It restarts with every write that is taken. */
const stallTimeoutMs = 60_000;
const answerBytesMax = 64 * 1024;

export function createChunkSender(options: { dispatcher: Dispatcher }): SendChunk {
  return async ({ uploadUrl, contentType, firstByte, lastByte, totalBytes, body, signal }) => {
    // A range that was opened ahead may have failed before anybody listened.
    let sourceError = body.errored;
    body.once("error", (error: Error) => {
      sourceError = error;
    });
    try {
      const answer = await request(uploadUrl, {
        dispatcher: options.dispatcher,
        method: "PUT",
        headers: {
          "content-type": contentType,
          // Exact: chunked transfer-encoding is refused.
          "content-length": String(lastByte - firstByte + 1),
          "content-range": `bytes ${firstByte}-${lastByte}/${totalBytes}`,
        },
        body,
        headersTimeout: stallTimeoutMs,
        bodyTimeout: stallTimeoutMs,
        signal,
      });
      await answer.body.dump({ limit: answerBytesMax });
      return outcomeOf(answer.statusCode);
    } catch (error) {
      body.on("error", () => undefined).destroy();
      if (sourceError !== null) throw sourceError;
      return { type: "unknown", reason: codeOf(error) };
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

/** An error code such as `UND_ERR_SOCKET`; never a message, which may carry the URL. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "connection";
}
