import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { createChunkSender } from "../../src/tiktok/index.ts";
import { createWire, type Wire } from "../../src/wire/index.ts";

interface Received {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  bytes: Buffer;
}

/** What the upload server does with a request; every test sets its own. */
let handle: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
let received: Received[];
let server: Server;
let origin: string;
let wire: Wire;

beforeEach(async () => {
  received = [];
  server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  origin = `http://127.0.0.1:${port}`;
  wire = createWire({ clock: { nowMs: () => 0 } });
});

afterEach(async () => {
  wire.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function take(request: IncomingMessage): Promise<void> {
  const { method = "", url = "", headers } = request;
  const bytes = Buffer.concat(await request.toArray());
  received.push({ method, url, headers, bytes });
}

function answeringWith(status: number, body = "") {
  return async (request: IncomingMessage, response: ServerResponse) => {
    await take(request);
    response.writeHead(status).end(body);
  };
}

const chunk = Buffer.alloc(300_000, "harbour at dawn ");

function put(body: Readable, signal = new AbortController().signal) {
  return createChunkSender({ wire })({
    uploadUrl: `${origin}/upload/?upload_id=1&upload_token=secret`,
    contentType: "video/mp4",
    firstByte: 1_000_000,
    lastByte: 1_000_000 + chunk.length - 1,
    totalBytes: 2_000_000,
    body,
    signal,
  });
}

/** Emits half of the chunk, then fails or waits. */
function halfOf(after: (stream: Readable) => void): Readable {
  let isStarted = false;
  return new Readable({
    read() {
      if (isStarted) after(this);
      else this.push(chunk.subarray(0, 150_000));
      isStarted = true;
    },
  });
}

describe("putChunk", () => {
  it("sends the exact range and length, and no authorization", async () => {
    handle = answeringWith(206);
    expect(await put(Readable.from([chunk]))).toEqual({ type: "accepted", isLast: false });
    const [request] = received;
    expect(request).toMatchObject({
      method: "PUT",
      url: "/upload/?upload_id=1&upload_token=secret",
      headers: {
        "content-type": "video/mp4",
        "content-length": "300000",
        "content-range": "bytes 1000000-1299999/2000000",
      },
    });
    expect(request?.headers["transfer-encoding"]).toBeUndefined();
    expect(request?.headers.authorization).toBeUndefined();
    expect(request?.bytes.equals(chunk)).toBe(true);
  });

  it.each([
    [201, { type: "accepted", isLast: true }],
    [206, { type: "accepted", isLast: false }],
    [416, { type: "mismatch" }],
    [403, { type: "gone", httpStatus: 403 }],
    [404, { type: "gone", httpStatus: 404 }],
    [400, { type: "rejected", httpStatus: 400 }],
    [200, { type: "rejected", httpStatus: 200 }],
    [302, { type: "rejected", httpStatus: 302 }],
    [429, { type: "unknown", reason: "429" }],
    [500, { type: "unknown", reason: "500" }],
    [502, { type: "unknown", reason: "502" }],
  ])("reads %i", async (status, outcome) => {
    handle = answeringWith(status, "<html>whatever</html>");
    expect(await put(Readable.from([chunk]))).toEqual(outcome);
  });

  it("reads an answer with a long body, and the next one on the same sender", async () => {
    handle = answeringWith(206, "x".repeat(500_000));
    expect(await put(Readable.from([chunk]))).toMatchObject({ type: "accepted" });
    handle = answeringWith(201);
    expect(await put(Readable.from([chunk]))).toEqual({ type: "accepted", isLast: true });
  });

  it("does not know what happened when the connection drops before a byte is read", async () => {
    handle = (request) => void request.socket.destroy();
    expect(await put(Readable.from([chunk]))).toMatchObject({ type: "unknown" });
  });

  it("does not know what happened when the connection drops in the middle", async () => {
    handle = (request) => {
      request.once("data", () => request.socket.destroy());
    };
    expect(
      await put(Readable.from([chunk.subarray(0, 150_000), chunk.subarray(150_000)])),
    ).toMatchObject({ type: "unknown" });
  });

  it("does not know what happened when the connection drops after everything arrived", async () => {
    handle = async (request) => {
      await take(request);
      request.socket.destroy();
    };
    expect(await put(Readable.from([chunk]))).toMatchObject({ type: "unknown" });
    expect(received[0]?.bytes).toHaveLength(chunk.length);
  });

  it("does not know what happened when nobody listens, and names no URL", async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const outcome = await put(Readable.from([chunk]));
    expect(outcome).toEqual({ type: "unknown", reason: "ECONNREFUSED" });
  });

  it("takes an early refusal for TikTok's word", async () => {
    handle = (_request, response) => {
      response.writeHead(403, { connection: "close" }).end();
    };
    const outcome = await put(Readable.from([chunk]));
    // The answer races with the closing connection; both are honest, and neither is an acceptance.
    expect(["gone", "unknown"]).toContain(outcome.type);
  });

  it("does not pretend when the source ends too early", async () => {
    handle = answeringWith(206);
    const outcome = await put(Readable.from([chunk.subarray(0, 1_000)])).catch(() => "thrown");
    expect(outcome === "thrown" || outcome).not.toMatchObject({ type: "accepted" });
    expect(received).toEqual([]);
  });

  it("does not send more than was announced", async () => {
    handle = answeringWith(206);
    const outcome = await put(Readable.from([chunk, Buffer.from("more")])).catch(() => "thrown");
    expect(outcome === "thrown" || outcome).not.toMatchObject({ type: "accepted" });
  });
});

describe("putChunk, when its source fails", () => {
  it("throws what the source threw: that is not TikTok's outcome", async () => {
    handle = (request) => void request.resume();
    const failure = new Error("storage reset");
    const body = halfOf((stream) => stream.destroy(failure));
    await expect(put(body)).rejects.toBe(failure);
  });

  it("throws what the source threw before it was sent", async () => {
    handle = (request) => void request.resume();
    const failure = new Error("storage reset");
    const body = Readable.from([chunk]);
    body.on("error", () => undefined).destroy(failure);
    await new Promise((resolve) => setImmediate(resolve));
    await expect(put(body)).rejects.toBe(failure);
  });

  it("lets go of the source and ends when it is told to stop", async () => {
    const stop = new AbortController();
    handle = (request) => {
      request.once("data", () => stop.abort());
    };
    const body = halfOf(() => undefined);
    const outcome = await put(body, stop.signal).catch(() => ({ type: "thrown" }));
    expect(["thrown", "unknown"]).toContain(outcome.type);
    expect(body.destroyed).toBe(true);
  });

  it("sends nothing when it was told to stop before it began", async () => {
    handle = answeringWith(206);
    const body = Readable.from([chunk]);
    const outcome = await put(body, AbortSignal.abort()).catch(() => ({ type: "thrown" }));
    expect(outcome.type).not.toBe("accepted");
    expect(received).toEqual([]);
    expect(body.destroyed).toBe(true);
  });
});
