/**
 * The sink: takes chunks as TikTok does, in order and of exact length, and discards them. `PUT /<task>` answers 206, or
 * 201 after the last byte; `GET /<task>` tells what arrived. Under latency it takes bytes at a limited rate and thinks
 * before it answers.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import * as z from "zod";
import { serveParent } from "../child.ts";
import { listen } from "../listen.ts";
import { type Arrived, byteAt, type SinkLimits, sinkSchema } from "./protocol.ts";
import { readPair } from "./tls.ts";

/** The one call of TikTok's API that a relay needs; the post's title becomes the task's name. */
const initPath = "/v2/post/publish/video/init/";
const initSchema = z.object({
  post_info: z.object({ title: z.string() }),
  source_info: z.object({ chunk_size: z.number() }),
});

/** What a link that was idle may carry at once; below this the pace is not corrected. */
const burstMs = 5;

await serveParent(sinkSchema, async (limits) => {
  const arrivedByTask = new Map<string, Arrived>();
  const { certificate } = limits;
  const take = (message: IncomingMessage, response: ServerResponse) => {
    const task = message.url ?? "/";
    if (task === initPath) return void text(message).then((body) => init(body, response));
    const arrived = arrivedByTask.get(task) ?? { receivedBytes: 0, chunks: 0, strayReads: 0 };
    arrivedByTask.set(task, arrived);
    if (message.method === "PUT") void takeChunk(limits, arrived, message, response);
    else response.end(JSON.stringify(arrived));
  };
  const init = (body: string, response: ServerResponse) => {
    const { post_info, source_info } = initSchema.parse(JSON.parse(body));
    const isTooLarge = source_info.chunk_size > (limits.chunkBytesMax ?? Number.POSITIVE_INFINITY);
    const code = isTooLarge ? "invalid_params" : "ok";
    const data = { publish_id: post_info.title, upload_url: `${url}/${post_info.title}` };
    response.setHeader("content-type", "application/json");
    response.writeHead(isTooLarge ? 400 : 200);
    response.end(JSON.stringify({ data, error: { code, message: "", log_id: "bench" } }));
  };
  const server = certificate ? createTlsServer(readPair(certificate), take) : createServer(take);
  const url = (await listen(server)).replace("http:", certificate ? "https:" : "http:");
  return { url, seenUrl: certificate ? await listen(createServer(take)) : url };
});

async function takeChunk(
  limits: SinkLimits,
  arrived: Arrived,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { headers } = message;
  const [, first, last, total] =
    /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers["content-range"] ?? "") ?? [];
  const isExact = Number(headers["content-length"]) === Number(last) - Number(first) + 1;
  const isNext = Number(first) === arrived.receivedBytes;
  if (!isExact || !isNext) {
    response.writeHead(isExact ? 416 : 400, { connection: "close" }).end();
    return;
  }
  const pace = limits.bytesPerSecond === null ? null : createPace(limits.bytesPerSecond);
  message.on("data", (bytes: Buffer) => {
    // One look at each read: enough to see bytes that were lost, doubled or moved.
    if (bytes[0] !== byteAt(arrived.receivedBytes)) arrived.strayReads += 1;
    arrived.receivedBytes += bytes.length;
    pace?.(message, bytes.length);
  });
  message.on("error", () => undefined);
  message.on("end", () => {
    arrived.chunks += 1;
    const status = Number(last) + 1 === Number(total) ? 201 : 206;
    void delay(limits.answerMs).then(() =>
      response.writeHead(status, { "content-length": 0 }).end(),
    );
  });
}

/** Holds a message back whenever it is ahead of the rate. */
function createPace(bytesPerSecond: number): (message: IncomingMessage, bytes: number) => void {
  let readyAtMs = 0;
  return (message, bytes) => {
    const nowMs = performance.now();
    readyAtMs = Math.max(readyAtMs, nowMs - burstMs) + (bytes / bytesPerSecond) * 1000;
    const aheadMs = readyAtMs - nowMs;
    if (aheadMs < burstMs) return;
    message.pause();
    setTimeout(() => message.resume(), aheadMs);
  };
}
