/**
 * The wire: HTTP/1.1 for the two requests that move videos, a ranged GET and a PUT with a known length, on connections
 * whose memory is used again. Everything else that this product asks of anybody goes through the SDK or `fetch`.
 *
 * ```
 * storage ──▶ connection ──▶ blocks ──lent──▶ connection ──▶ TikTok
 *      held back ◀── no block free ◀── the system takes no more
 * ```
 * Speaks no more of HTTP than these two need: no redirects, no compression, no chunked bodies. An answer with a body
 * that it cannot count costs the connection and nothing else.
 */
import { assert } from "../errors/index.ts";
import type { Clock } from "../system/index.ts";
import { BrokenConnection } from "./broken.ts";
import type { Connection } from "./connection.ts";
import { type Head, readHead, writeHead } from "./head.ts";
import { createPool, type Pool, type Pooled } from "./pool.ts";

export { BrokenConnection } from "./broken.ts";
export type { Head } from "./head.ts";

/** TikTok's and storage's heads have about 1 KB; Node's own limit is 16 KiB (`http.maxHeaderSize`). */
const headBytesMax = 16_384;
/** Informational answers before the real one. */
const interimAnswersMax = 8;
/** What is read of an answer's body only to keep its connection, and how long that is worth waiting for. */
const drainBytesMax = 65_536;
const drainSilenceMsMax = 250;

interface Request {
  url: string;
  headers: Readonly<Record<string, string>>;
  /** How long nothing may move in either direction. */
  silenceMsMax: number;
  signal: AbortSignal;
}

type PutRequest = Request & {
  bytes: number;
  body: AsyncIterable<Uint8Array> & { destroy(): void };
};

/** Bytes of an answer, read once. Each piece is lent until the next one is asked for. */
export interface WireBody extends AsyncIterable<Uint8Array> {
  /** Resolves when the last byte has been taken; never, when the body breaks or is destroyed. */
  readonly ended: Promise<void>;
  destroy(): void;
}

export interface Wire {
  /** Resolves with the answer's head. Throws `BrokenConnection`, and so does the body when it breaks. */
  get(request: Request): Promise<Head & { body: WireBody }>;
  /**
   * Sends exactly `bytes` bytes of the body and resolves with the answer's head. An answer that comes before the last
   * piece ends the sending: a refusal is resolved with, and a yes to what was not sent is a failure. Throws
   * `BrokenConnection`, or what the body threw.
   */
  put(request: PutRequest): Promise<Head>;
  /** Ends idle connections. */
  close(): void;
}

export function createWire(deps: { clock: Pick<Clock, "nowMs"> }): Wire {
  const pool = createPool(deps);
  return {
    get: (request) => get(pool, request),
    put: (request) => put(pool, request),
    close: pool.close,
  };
}

async function get(pool: Pool, request: Request): Promise<Head & { body: WireBody }> {
  const url = urlOf(request);
  const requestHead = writeHead("GET", url, request.headers);
  const ask = async ({ connection }: Pooled) => {
    connection.limitSilence(request.silenceMsMax);
    await connection.write(requestHead);
    return receiveHead(connection);
  };
  let pooled = pool.take(url);
  let leash = tie(pooled.connection, request.signal);
  try {
    const head = await ask(pooled).catch((error: unknown) => {
      // A connection that was closed while it idled. To ask again is harmless: a GET changes nothing.
      const isStale = pooled.isReused && codeOf(error) !== "WIRE_SILENT";
      if (!isStale || request.signal.aborted) throw error;
      leash.loose();
      pooled.connection.destroy();
      pooled = pool.take(url, { isFresh: true });
      leash = tie(pooled.connection, request.signal);
      return ask(pooled);
    });
    const { connection } = pooled;
    const body = createBody(connection, head, (isReusable) => {
      leash.loose();
      if (isReusable) pool.give(url, connection);
      else connection.destroy();
    });
    return { ...head, body };
  } catch (error) {
    leash.loose();
    pooled.connection.destroy();
    throw error;
  }
}

/** `onDone` hears once that the body was read to its end, or that nobody will. */
function createBody(
  connection: Connection,
  { bodyBytes, isKeptAlive }: Head,
  onDone: (isReusable: boolean) => void,
): WireBody {
  const ended = Promise.withResolvers<void>();
  let isDone = false;
  const finish = (isReusable: boolean) => {
    if (isDone) return;
    isDone = true;
    onDone(isReusable);
  };
  async function* pieces(): AsyncGenerator<Uint8Array, void, void> {
    let restBytes = bodyBytes ?? Number.POSITIVE_INFINITY;
    try {
      while (restBytes > 0) {
        const piece = await connection.read();
        if (piece === null && bodyBytes === null) break;
        if (piece === null) throw closed();
        if (piece.length > restBytes) throw surplus();
        restBytes -= piece.length;
        yield piece;
      }
      ended.resolve();
      finish(isKeptAlive && bodyBytes !== null);
    } finally {
      finish(false);
    }
  }
  // One for all who ask: a second one would read what belongs to the connection's next request.
  const iterator = pieces();
  return {
    [Symbol.asyncIterator]: () => iterator,
    ended: ended.promise,
    destroy: () => finish(false),
  };
}

async function put(pool: Pool, request: PutRequest): Promise<Head> {
  const url = urlOf(request);
  const requestHead = writeHead("PUT", url, request.headers);
  const { connection } = pool.take(url);
  const leash = tie(connection, request.signal);
  connection.limitSilence(request.silenceMsMax);
  /** Whose turn it is: a failure while ours is the body's, and otherwise the other side's. */
  let turn: "reading" | "writing" | "waiting" = "writing";
  let hasLastPiece = false;
  let isOver = false;
  const end = () => {
    if (turn === "waiting") return;
    isOver = true;
    connection.destroy();
    // It may be waiting for bytes that will never be wanted.
    request.body.destroy();
  };
  const answer = receiveHead(connection);
  // A yes during the last write may only be ahead of the news that the system took our last byte.
  answer.then((head) => (hasLastPiece && isYes(head)) || end(), end);
  try {
    await connection.write(requestHead);
    turn = "reading";
    await sendBody(request, async (piece, isLast) => {
      turn = "writing";
      hasLastPiece = isLast;
      await connection.write(piece);
      turn = "reading";
    });
    turn = "waiting";
    const head = await answer;
    if (await drain(connection, head)) pool.give(url, connection);
    else connection.destroy();
    return head;
  } catch (error) {
    connection.destroy();
    if (turn === "reading" && !isOver) throw error;
    // A refusal closes the connection that we write to: it is the reason, and the broken write is not.
    const head = await answer;
    if (isYes(head)) throw new BrokenConnection("WIRE_PROTOCOL", "a yes to what was not sent");
    return head;
  } finally {
    leash.loose();
  }
}

async function sendBody(
  { body, bytes }: PutRequest,
  write: (piece: Uint8Array, isLast: boolean) => Promise<void>,
): Promise<void> {
  let sentBytes = 0;
  for await (const piece of body) {
    sentBytes += piece.length;
    if (sentBytes > bytes) throw surplus();
    await write(piece, sentBytes === bytes);
  }
  if (sentBytes < bytes) throw closed();
}

/** Reads up to the empty line and leaves what follows. Throws `BrokenConnection`. */
async function receiveHead(connection: Connection): Promise<Head> {
  let text = "";
  for (let interim = 0; interim <= interimAnswersMax; ) {
    const piece = await connection.read();
    if (piece === null) throw closed();
    const before = text.length;
    const { buffer, byteOffset, length } = piece;
    text += Buffer.from(buffer, byteOffset, Math.min(length, headBytesMax)).toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    if (end === -1 && text.length >= headBytesMax) break;
    if (end === -1) continue;
    connection.unread(piece.subarray(end + 4 - before));
    const head = readHead(text.slice(0, end));
    if (head.status >= 200) return head;
    interim += 1;
    text = "";
  }
  throw new BrokenConnection("WIRE_PROTOCOL", "an answer's head has no end");
}

/** Reads a short body away. False when the connection cannot be used again. */
async function drain(connection: Connection, head: Head): Promise<boolean> {
  if (!head.isKeptAlive || head.bodyBytes === null || head.bodyBytes > drainBytesMax) return false;
  connection.limitSilence(drainSilenceMsMax);
  try {
    for (let restBytes = head.bodyBytes; restBytes > 0; ) {
      const piece = await connection.read();
      if (piece === null || piece.length > restBytes) return false;
      restBytes -= piece.length;
    }
    return true;
  } catch {
    // The answer itself was whole.
    return false;
  }
}

/** Ends the connection when the caller calls it off. */
function tie(connection: Connection, signal: AbortSignal): { loose(): void } {
  const stop = () => connection.destroy();
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  return { loose: () => signal.removeEventListener("abort", stop) };
}

/** Not `new URL`, whose error holds what it could not read. */
function urlOf(request: Request): URL {
  const url = URL.parse(request.url);
  assert(url && /^https?:$/.test(url.protocol), "a request has an absolute URL of HTTP");
  return url;
}

function isYes(head: Head): boolean {
  return head.status < 300;
}

function codeOf(error: unknown): string | null {
  return error instanceof BrokenConnection ? error.code : null;
}

function closed(): BrokenConnection {
  return new BrokenConnection("WIRE_CLOSED", "the connection ended before its bytes did");
}

function surplus(): BrokenConnection {
  return new BrokenConnection("WIRE_PROTOCOL", "there are more bytes than were announced");
}
