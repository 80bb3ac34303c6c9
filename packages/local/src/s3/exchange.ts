/**
 * One request from its first byte to its record: read, verify, dispatch, answer, tell.
 *
 * Promises that every request gets exactly one answer, that nothing but a preflight is done unsigned, that a refusal is
 * S3's XML with the CORS headers a browser needs to read it, and that `onRequest` hears about each once.
 */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { answerPreflight, corsHeaders } from "./cors.ts";
import { ClientGone, deliver } from "./deliver.ts";
import { asS3Error, renderError, S3Error } from "./errors.ts";
import type { Reply } from "./operation.ts";
import { openPayload } from "./payload.ts";
import { readRequest, type S3Request, withHoistedHeaders } from "./request.ts";
import { findRoute } from "./router.ts";
import { type Authority, verifySignature } from "./sigv4.ts";
import type { Store } from "./store.ts";

/** What the host may log about a request; it has nothing secret. */
export type RequestRecord = {
  operation: string;
  bucket: string;
  key: string;
  status: number;
  bytesIn: number;
  bytesOut: number;
  /** S3's error code, or `ClientDisconnected`. */
  code?: string;
};

export type Server = {
  store: Store;
  authority: Authority;
  onRequest: (record: RequestRecord) => void;
  /** Failures of our own: they answer 500 and must be seen by whoever runs the server. */
  onFailure: (error: unknown) => void;
};

export async function handleExchange(
  server: Server,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const record: RequestRecord = {
    operation: "Unknown",
    bucket: "",
    key: "",
    status: 0,
    bytesIn: 0,
    bytesOut: 0,
  };
  const requestId = randomBytes(8).toString("hex").toUpperCase();
  const reply = await answer(server, message, { record, requestId });
  record.status = reply.status;
  const onBytes = (count: number) => {
    record.bytesOut += count;
  };
  try {
    await send(message, response, reply, { requestId, onBytes });
  } catch (error) {
    const isClientGone = error instanceof ClientGone;
    if (!isClientGone) server.onFailure(error);
    record.code ??= isClientGone ? "ClientDisconnected" : "InternalError";
    // Once the head is sent the only honest end of a broken answer is a broken connection.
    response.destroy();
  } finally {
    await reply.content?.release();
  }
  server.onRequest(record);
}

/** The reply or the refusal, with CORS headers on both. */
async function answer(
  server: Server,
  message: IncomingMessage,
  context: { record: RequestRecord; requestId: string },
): Promise<Reply> {
  let request: S3Request | undefined;
  let reply: Reply;
  try {
    request = readRequest(message);
    reply = await dispatch(server, message, request, context.record);
  } catch (error) {
    const refusal = asS3Error(error);
    if (refusal.code === "InternalError") server.onFailure(error);
    context.record.code = refusal.code;
    reply = refuse(refusal, { resource: request?.path ?? "/", requestId: context.requestId });
  }
  if (request === undefined) return reply;
  const cors = corsHeaders(request, server.store.buckets.get(request.bucket));
  return { ...reply, headers: { ...cors, ...reply.headers } };
}

async function dispatch(
  server: Server,
  message: IncomingMessage,
  request: S3Request,
  record: RequestRecord,
): Promise<Reply> {
  const { store, authority } = server;
  record.bucket = request.bucket;
  record.key = request.key;
  if (request.method === "OPTIONS") {
    record.operation = "Preflight";
    return answerPreflight(request, store.buckets.get(request.bucket));
  }
  const route = findRoute(request);
  record.operation = route?.name ?? "Unknown";
  const payloadHash = verifySignature(request, authority);
  if (route === undefined) throw new S3Error("NotImplemented");
  const effective = withHoistedHeaders(request);
  const payload = openPayload(message, {
    headers: effective.headers,
    payloadHash,
    onBytes: (count) => {
      record.bytesIn += count;
    },
  });
  const { region, nowMs } = authority;
  return route.operation({ store, request: effective, payload, region, nowMs });
}

function refuse(refusal: S3Error, where: { resource: string; requestId: string }): Reply {
  const xml = renderError(refusal, where);
  const size = refusal.details.ActualObjectSize;
  const headers: Record<string, string> =
    size === undefined ? {} : { "content-range": `bytes */${size}` };
  return { status: refusal.status, headers, xml };
}

async function send(
  message: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  options: { requestId: string; onBytes: (count: number) => void },
): Promise<void> {
  response.statusCode = reply.status;
  response.setHeader("x-amz-request-id", options.requestId);
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  const isBodyUnread = !message.readableEnded;
  // A refused body is read to its end so that the client hears the refusal; one without a stated end is cut off.
  if (isBodyUnread && message.headers["transfer-encoding"] !== undefined) {
    response.setHeader("connection", "close");
  }
  if (isBodyUnread) message.resume();
  if (reply.content !== undefined) {
    await deliver(response, reply.content.bucket.blobs, reply.content.slices, options.onBytes);
    response.end();
    return;
  }
  const isBodiless = message.method === "HEAD" || reply.status === 204 || reply.status === 304;
  const body = Buffer.from(isBodiless ? "" : (reply.xml ?? ""));
  if (body.length > 0) response.setHeader("content-type", "application/xml");
  if (!isBodiless) response.setHeader("content-length", body.length);
  response.end(body);
  options.onBytes(body.length);
}
