/**
 * Servers that speak bytes and know nothing of HTTP, for exact answers and exact failures. Everything that a test opens
 * is closed by `closeAll`.
 */
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { generate } from "selfsigned";
import { expect } from "vitest";
import * as z from "zod";

const open = new Set<{ destroy(): void }>();
const servers: Server[] = [];

export type Serve = (socket: Socket, index: number) => void;

/** `serve` is called with each connection and its number, from 0. */
export async function listen(serve: Serve): Promise<{ url: string; port: number }> {
  return start(createServer({ allowHalfOpen: true }), "connection", "http", serve);
}

export interface Certificate {
  key: string;
  cert: string;
}

export async function certify(...hosts: { type: 2 | 7; value?: string; ip?: string }[]) {
  const { private: key, cert } = await generate([{ name: "commonName", value: "wire.test" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [{ name: "subjectAltName", altNames: hosts }],
  });
  return { key, cert } satisfies Certificate;
}

export async function listenTls(
  options: Certificate & { maxVersion?: "TLSv1.2" | "TLSv1.3" },
  serve: Serve,
): Promise<{ url: string; port: number }> {
  const server = createTlsServer(options);
  server.on("tlsClientError", () => undefined);
  return start(server, "secureConnection", "https", serve);
}

async function start(server: Server, event: string, scheme: string, serve: Serve) {
  let count = 0;
  server.on("connection", (socket) => open.add(socket));
  server.on(event, (socket: Socket) => {
    open.add(socket);
    // A test that cares about a failure of the server's side looks at its own.
    socket.on("error", () => undefined);
    serve(socket, count);
    count += 1;
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = z.object({ port: z.number() }).parse(server.address());
  return { url: `${scheme}://127.0.0.1:${port}/video?signature=secret`, port };
}

export async function closeAll(): Promise<void> {
  for (const socket of open) socket.destroy();
  open.clear();
  await Promise.all(
    servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))),
  );
}

/** Calls back for each head of a request without a body. */
export function onRequest(socket: Socket, answer: (head: string, index: number) => unknown): void {
  let text = "";
  let count = 0;
  socket.on("data", (data) => {
    text += data.toString("latin1");
    for (let end = text.indexOf("\r\n\r\n"); end !== -1; end = text.indexOf("\r\n\r\n")) {
      const head = text.slice(0, end);
      text = text.slice(end + 4);
      answer(head, count);
      count += 1;
    }
  });
}

export function answerOf(status: number, body: string | Buffer, headers: string[] = []): Buffer {
  const lines = [`HTTP/1.1 ${status} X`, `content-length: ${body.length}`, ...headers, "", ""];
  return Buffer.concat([Buffer.from(lines.join("\r\n")), Buffer.from(body)]);
}

/** Ends a wait for what never comes. Turns would not do: a fast machine has a million of them before a packet is sent again. */
const hangMs = 30_000;

/** Lets the event loop turn until it is so. */
export async function until(isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + hangMs;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error("it never came to be");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** As many turns as both sides need, and as long as a busy system may keep for itself what one has sent to the other. */
const still = { turns: 500, ms: 50 };

/** Resolves when the number has stayed the same for long. */
export async function settled(read: () => number): Promise<number> {
  let last = Number.NaN;
  let sinceMs = performance.now();
  for (let same = 0; same < still.turns || performance.now() - sinceMs < still.ms; ) {
    await new Promise((resolve) => setImmediate(resolve));
    if (read() === last) same += 1;
    else {
      same = 0;
      sinceMs = performance.now();
    }
    last = read();
  }
  return last;
}

export const isBrokenBy = (code: string | RegExp) => ({
  name: "BrokenConnection",
  code: expect.stringMatching(typeof code === "string" ? `^${code}$` : code),
});
