/**
 * The client in Node: files by path and parts over node:http, in constant memory.
 *
 * Nothing of a file is held but what is on its way between disk and socket. Pages must not import this entry.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { basename, extname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import { NetworkError } from "./errors.ts";
import { type Client, type ClientOptions, createClient } from "./index.ts";
import type { ByteSource, PartBody, SourceNaming } from "./source.ts";
import { answerOf, type PartAnswer, type PartRequest, type PartTransport } from "./transport.ts";

/** Sends `Origin` as a page would, since writes need the same origin; the session travels in `headers.Cookie`. */
export function createNodeClient(options: ClientOptions): Client {
  const origin = new URL(options.baseUrl).origin;
  const own = options.headers;
  const headers = () => ({ Origin: origin, ...(typeof own === "function" ? own() : own) });
  return createClient({
    transport: httpTransport(),
    // zlib's is three times as fast as ours.
    crc32,
    bounds,
    // Nobody sits here to sign in again.
    sessionPatienceMs: 0,
    ...options,
    headers,
  });
}

/** No browser's limit on connections here; more than these no link has been seen to need. */
const bounds = { min: 2, max: 12 };

const contentTypeByExtension: Record<string, string> = {
  ".mp4": "video/mp4",
  ".m4v": "video/mp4",
  ".mov": "video/quicktime",
  ".webm": "video/webm",
};
/** Large reads keep the disk streaming; six lanes hold 6 MiB. */
const readBytes = 1024 * 1024;

export async function fileSource(path: string, naming: SourceNaming = {}): Promise<ByteSource> {
  const { size, mtimeMs } = await stat(path);
  const extension = extname(path).toLowerCase();
  return {
    name: naming.name ?? basename(path),
    contentType: naming.contentType ?? contentTypeByExtension[extension] ?? "",
    size,
    slice: (firstByte, bytes) => {
      const end = firstByte + bytes - 1;
      return createReadStream(path, { start: firstByte, end, highWaterMark: readBytes });
    },
    isIntact: async () => {
      const now = await stat(path).catch(() => null);
      return now !== null && now.size === size && now.mtimeMs === mtimeMs;
    },
  };
}

/** How much of an error answer is read. */
const answerBytesMax = 4096;

export function httpTransport(): PartTransport {
  // Connections are kept: a handshake for each part would cost a round trip or three.
  const plainAgent = new http.Agent({ keepAlive: true });
  const secureAgent = new https.Agent({ keepAlive: true });
  return {
    isProgressive: true,
    put: (request) => {
      const { url, bytes, signal } = request;
      const headers = { ...request.headers, "Content-Length": bytes };
      const outgoing = url.startsWith("https:")
        ? https.request(url, { method: "PUT", headers, agent: secureAgent, signal })
        : http.request(url, { method: "PUT", headers, agent: plainAgent, signal });
      return exchange(outgoing, request);
    },
  };
}

function exchange(outgoing: http.ClientRequest, request: PartRequest): Promise<PartAnswer> {
  const { body, signal, onSent } = request;
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) =>
      reject(signal.aborted ? signal.reason : new NetworkError("network", cause));
    outgoing.on("response", (incoming) => {
      // A refusal may arrive before the body has left; it is the answer, whatever the body does now.
      readAnswer(incoming)
        .then(resolve, fail)
        .finally(() => {
          if (!outgoing.writableFinished) outgoing.destroy();
        });
    });
    outgoing.on("error", fail);
    let sentBytes = 0;
    const counted = async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        yield chunk;
        sentBytes += chunk.byteLength;
        onSent(sentBytes);
      }
    };
    pipeline(chunksOf(body), counted, outgoing).catch((error: unknown) => {
      // A body that cannot be read ends the attempt; a broken socket has told `error` already.
      outgoing.destroy(error instanceof Error ? error : new Error("The body could not be read."));
    });
  });
}

async function readAnswer(incoming: http.IncomingMessage): Promise<PartAnswer> {
  let text = "";
  incoming.setEncoding("utf8");
  for await (const chunk of incoming) {
    if (text.length < answerBytesMax) text += chunk;
  }
  return answerOf(incoming.statusCode ?? 0, text, incoming.headers["retry-after"] ?? null);
}

function chunksOf(body: PartBody): AsyncIterable<Uint8Array> {
  if (body instanceof Uint8Array) return Readable.from([body]);
  if (body instanceof Blob) return Readable.from(body.stream());
  return body;
}
