import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { createRangeReader, type RangeReader, rangeUrlSeconds } from "../../src/storage/index.ts";
import { bytesOf } from "../../src/testing/streams.ts";
import { createWire, type Wire } from "../../src/wire/index.ts";

/** What storage does with a request; every test sets its own. */
let handle: (request: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let wire: Wire;
let client: S3Client;
let ranges: RangeReader;
let nowMs: number;
/** How often something was signed; each time by another session. */
let sessions: number;

beforeEach(async () => {
  server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  nowMs = 0;
  sessions = 0;
  const clock = { nowMs: () => nowMs };
  wire = createWire({ clock });
  client = new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: async () => {
      sessions += 1;
      const sessionToken = `session-${sessions}`;
      const expiration = new Date(0);
      return { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken, expiration };
    },
  });
  ranges = createRangeReader({ client, bucket: "videos", wire, clock });
});

afterEach(async () => {
  client.destroy();
  wire.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function open(signal = new AbortController().signal) {
  return ranges.openRange({ key: "k", etag: '"e"', firstByte: 10, lastByte: 14, signal });
}

describe("openRange", () => {
  it("asks for exactly the range of exactly the object", async () => {
    let headers: IncomingMessage["headers"] = {};
    const whole = { "content-range": "bytes 10-14/100", "content-length": "5" };
    handle = (request, response) => {
      headers = request.headers;
      response.writeHead(206, whole).end("abcde");
    };
    const bytes = await bytesOf(await open());
    expect(bytes.toString()).toBe("abcde");
    expect(headers).toMatchObject({
      range: "bytes=10-14",
      "if-match": '"e"',
      "accept-encoding": "identity",
    });
  });

  it.each([404, 412, 416])("gives up for good on %i", async (status) => {
    handle = (_request, response) => void response.writeHead(status).end("<Error/>");
    await expect(open()).rejects.toMatchObject({ name: "FatalError", code: "video_missing" });
  });

  it.each([
    [200, undefined],
    [206, undefined],
    [206, "bytes 0-14/100"],
    [206, "bytes 10-13/100"],
    [206, "bytes 10-140/200"],
    [403, undefined],
    [503, undefined],
  ])("does not take %i with Content-Range %s for the range", async (status, contentRange) => {
    handle = (_request, response) => {
      response.writeHead(status, contentRange ? { "content-range": contentRange } : {}).end("x");
    };
    await expect(open()).rejects.toMatchObject({
      name: "RetryableError",
      code: "storage_refused",
    });
  });

  it("may be asked again when storage hangs up, or when it is told to stop", async () => {
    handle = (request) => void request.socket.destroy();
    const unreachable = { name: "RetryableError", code: "storage_unreachable" };
    await expect(open()).rejects.toMatchObject(unreachable);
    await expect(open(AbortSignal.abort())).rejects.toMatchObject(unreachable);
  });

  it("fails in the middle when storage does", async () => {
    handle = (request, response) => {
      response.writeHead(206, { "content-range": "bytes 10-14/100", "content-length": "5" });
      response.write("ab", () => request.socket.destroy());
    };
    const stream = await open();
    await expect(bytesOf(stream)).rejects.toMatchObject({ code: expect.any(String) });
  });
});

describe("the URL of a range", () => {
  /** The session that signed the request for the first bytes of an object. */
  async function signerOf(key: string, { status = 206 } = {}): Promise<string | null> {
    let url = new URL("http://storage.invalid");
    handle = (request, response) => {
      url = new URL(request.url ?? "", "http://storage.invalid");
      response.writeHead(status, { "content-range": "bytes 0-1/100", "content-length": "2" });
      response.end("ab");
    };
    const signal = new AbortController().signal;
    const range = { key, etag: '"e"', firstByte: 0, lastByte: 1, signal };
    await ranges.openRange(range).then(bytesOf, () => undefined);
    expect(url.pathname).toBe(`/videos/${key}`);
    return url.searchParams.get("X-Amz-Security-Token");
  }

  it("serves the object's other ranges for half of its life, and no other object", async () => {
    const first = await signerOf("one");
    nowMs = (rangeUrlSeconds * 1000) / 2 - 1;
    expect(await signerOf("one")).toBe(first);
    nowMs += 1;
    const second = await signerOf("one");
    expect(second).not.toBe(first);
    expect(await signerOf("one")).toBe(second);
    expect(await signerOf("two")).not.toBe(second);
  });

  it.each([403, 404, 503, 200])("is not used again after %i", async (status) => {
    const first = await signerOf("one");
    expect(await signerOf("one", { status })).toBe(first);
    expect(await signerOf("one")).not.toBe(first);
  });
});
