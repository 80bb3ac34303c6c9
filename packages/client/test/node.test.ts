/** The Node entry on a real loopback server: right bytes, exact length, constant memory, early refusals. */
import { createHash } from "node:crypto";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NetworkError } from "../src/errors.ts";
import { createNodeClient, fileSource, httpTransport } from "../src/node.ts";

let folder: string;
const closers: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "clipcast-client-"));
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  await rm(folder, { recursive: true });
});

async function serve(handler: http.RequestListener): Promise<string> {
  const server = http.createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const headers = { "x-amz-checksum-crc32": "AAAAAA==" };
const put = (
  url: string,
  body: Parameters<ReturnType<typeof httpTransport>["put"]>[0]["body"],
  bytes: number,
) => {
  const sent: number[] = [];
  const signal = new AbortController().signal;
  const answer = httpTransport().put({
    url,
    headers,
    body,
    bytes,
    signal,
    onSent: (n) => sent.push(n),
  });
  return { answer, sent };
};

describe("httpTransport", () => {
  it("sends exactly the slice, with its exact length, and counts it", async () => {
    const content = Buffer.alloc(5_000_000, "clipcast");
    const path = join(folder, "clip.mp4");
    await writeFile(path, content);
    let length: string | undefined;
    let checksum: unknown;
    let hash = "";
    const url = await serve((request, response) => {
      length = request.headers["content-length"];
      checksum = request.headers["x-amz-checksum-crc32"];
      const digest = createHash("sha256");
      request.on("data", (chunk) => digest.update(chunk));
      request.on("end", () => {
        hash = digest.digest("hex");
        response.end();
      });
    });
    const source = await fileSource(path);
    const { answer, sent } = put(url, source.slice(1_000_001, 3_333_333), 3_333_333);
    expect(await answer).toMatchObject({ status: 200 });
    expect(length).toBe("3333333");
    expect(checksum).toBe("AAAAAA==");
    const expected = content.subarray(1_000_001, 1_000_001 + 3_333_333);
    expect(hash).toBe(createHash("sha256").update(expected).digest("hex"));
    expect(sent.at(-1)).toBe(3_333_333);
  });

  it("reads a refusal that comes before the body has left", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(503, { "Retry-After": "2" });
      response.end("<Error><Code>SlowDown</Code></Error>");
    });
    const { answer } = put(url, new Uint8Array(20_000_000), 20_000_000);
    expect(await answer).toEqual({ status: 503, code: "SlowDown", retryAfterMs: 2000 });
  });

  it("rejects with a NetworkError when the connection breaks", async () => {
    const url = await serve((request) => request.socket.destroy());
    await expect(put(url, new Uint8Array(10), 10).answer).rejects.toBeInstanceOf(NetworkError);
  });

  it("rejects with the reason when it is told to stop", async () => {
    const stop = new AbortController();
    const url = await serve(() => stop.abort(new Error("Enough.")));
    const request = { url, headers, body: new Uint8Array(10), bytes: 10, signal: stop.signal };
    await expect(httpTransport().put({ ...request, onSent: () => {} })).rejects.toThrow("Enough.");
  });

  it("does not hold what the other side does not take", async () => {
    const path = join(folder, "big.mp4");
    await writeFile(path, "");
    await truncate(path, 512 * 1024 * 1024);
    const stop = new AbortController();
    const halted = Promise.withResolvers<void>();
    const url = await serve((request) => {
      request.pause();
      halted.resolve();
    });
    const source = await fileSource(path);
    let sentBytes = 0;
    const answer = httpTransport().put({
      url,
      headers,
      body: source.slice(0, source.size),
      bytes: source.size,
      signal: stop.signal,
      onSent: (bytes) => {
        sentBytes = bytes;
      },
    });
    await halted.promise;
    stop.abort();
    await expect(answer).rejects.toMatchObject({ name: "AbortError" });
    // What fits into the sockets' buffers, and not the file.
    expect(sentBytes).toBeLessThan(64 * 1024 * 1024);
  });
});

describe("fileSource", () => {
  it("knows name, type and size, and notices a change", async () => {
    const path = join(folder, "Holiday.MOV");
    await writeFile(path, "before");
    const source = await fileSource(path);
    expect(source).toMatchObject({ name: "Holiday.MOV", contentType: "video/quicktime", size: 6 });
    expect(await source.isIntact()).toBe(true);
    await writeFile(path, "after that");
    expect(await source.isIntact()).toBe(false);
    await rm(path);
    expect(await source.isIntact()).toBe(false);
  });
});

it("createNodeClient sends Origin, which writes need", async () => {
  let origin: string | undefined;
  const url = await serve((request, response) => {
    origin = request.headers.origin;
    response.end(JSON.stringify({ userId: "u" }));
  });
  await createNodeClient({ baseUrl: url, headers: { Cookie: "a=b" } }).api.me();
  expect(origin).toBe(url);
});
