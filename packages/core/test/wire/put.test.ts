import { getEventListeners } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { streamOf } from "../../src/testing/streams.ts";
import type { WireBody } from "../../src/wire/index.ts";
import * as Servers from "./servers.ts";
import { useWire } from "./use-wire.ts";

const { answerOf, isBrokenBy, listen, onRequest, until } = Servers;
const line = useWire();
const { get } = line;

function put(url: string, pieces: readonly Uint8Array[] | WireBody, bytes: number, silence = 0) {
  const body = Array.isArray(pieces) ? streamOf(pieces) : (pieces as WireBody);
  const headers = { "content-length": `${bytes}` };
  return line.wire.put({
    url,
    headers,
    bytes,
    body,
    silenceMsMax: silence,
    signal: line.hold.signal,
  });
}

const chunk = Buffer.alloc(300_000, "harbour at dawn ");
const halves = [chunk.subarray(0, 150_000), chunk.subarray(150_000)];

/** Answers when a whole chunk with its head has arrived. */
function onChunk(socket: Socket, answer: () => void): void {
  let text = "";
  socket.on("data", (data) => {
    text += data.toString("latin1");
    const end = text.indexOf("\r\n\r\n");
    if (end === -1 || text.length < end + 4 + chunk.length) return;
    text = text.slice(end + 4 + chunk.length);
    answer();
  });
}

/** The first half of a chunk, and then nothing until it is destroyed. */
function stalling(): WireBody & { isDestroyed: boolean } {
  const destroyed = Promise.withResolvers<void>();
  const body = {
    isDestroyed: false,
    ended: new Promise<void>(() => undefined),
    destroy() {
      body.isDestroyed = true;
      destroyed.resolve();
    },
    async *[Symbol.asyncIterator]() {
      yield chunk.subarray(0, 150_000);
      await destroyed.promise;
      throw new Error("destroyed");
    },
  };
  return body;
}

describe("put", () => {
  it("moves a body from one connection to the other and changes no byte, however slow the other is", async () => {
    const video = Buffer.alloc(6_000_000, Buffer.from([...Array(251).keys()]));
    const source = await listen((socket) => {
      onRequest(socket, () => socket.write(answerOf(206, video)));
    });
    const arrived: Buffer[] = [];
    const sink = await listen((socket) => {
      let bytes = 0;
      socket.on("data", async (data) => {
        arrived.push(data);
        bytes += data.length;
        socket.pause();
        await new Promise((resolve) => setImmediate(resolve));
        socket.resume();
        if (bytes > video.length) socket.write(answerOf(201, ""));
      });
    });
    const { body } = await get(source.url);
    expect(await put(sink.url, body, video.length)).toMatchObject({ status: 201 });
    const all = Buffer.concat(arrived);
    expect(all.subarray(all.indexOf("\r\n\r\n") + 4).equals(video)).toBe(true);
  });

  it("uses its connection again and again on one signal", async () => {
    let connections = 0;
    const { url } = await listen((socket, index) => {
      connections = index + 1;
      onRequest(socket, () => socket.write(answerOf(206, "{}")));
    });
    for (let count = 0; count < 200; count += 1) {
      expect(await put(url, [], 0)).toMatchObject({ status: 206 });
      expect(getEventListeners(line.hold.signal, "abort")).toHaveLength(0);
    }
    expect(connections).toBe(1);
  });

  it("is never repeated", async () => {
    const asked: number[] = [];
    const { url } = await listen((socket, index) => {
      let count = 0;
      onChunk(socket, () => {
        asked.push(index);
        count += 1;
        if (count === 1) socket.write(answerOf(206, ""));
        else socket.destroy();
      });
    });
    expect(await put(url, halves, chunk.length)).toMatchObject({ status: 206 });
    await expect(put(url, halves, chunk.length)).rejects.toMatchObject({
      name: "BrokenConnection",
    });
    expect(asked).toEqual([0, 0]);
  });

  it("takes a refusal at its word while its source has nothing to send", async () => {
    const { url } = await listen((socket) => {
      socket.once("data", () => socket.write(answerOf(403, "no")));
    });
    const body = stalling();
    expect(await put(url, body, chunk.length)).toMatchObject({ status: 403 });
    expect(body.isDestroyed).toBe(true);
  });

  it("takes a refusal at its word while the other side takes nothing more", async () => {
    const large = Buffer.alloc(30_000_000);
    const { url } = await listen((socket) => {
      socket.once("data", () => socket.pause().write(answerOf(403, "no")));
    });
    expect(await put(url, [large], large.length)).toMatchObject({ status: 403 });
    expect(await put(url, [large, large], 2 * large.length)).toMatchObject({ status: 403 });
  });

  it("does not take a yes for what it has not sent", async () => {
    const { url } = await listen((socket) => {
      socket.once("data", () => socket.write(answerOf(206, "")));
    });
    const body = stalling();
    await expect(put(url, body, chunk.length)).rejects.toMatchObject(isBrokenBy("WIRE_PROTOCOL"));
    expect(body.isDestroyed).toBe(true);
  });

  it("does not take a yes for a last piece that could not be sent", async () => {
    const large = Buffer.alloc(30_000_000);
    const { url } = await listen((socket) => {
      socket.once("data", () => {
        socket.pause().write(answerOf(201, ""), () => setImmediate(() => socket.resetAndDestroy()));
      });
    });
    await expect(put(url, [large], large.length)).rejects.toMatchObject({
      name: "BrokenConnection",
    });
  });

  it("takes the answer of a server that closes right after it, and asks the next on a new connection", async () => {
    let connections = 0;
    const { url } = await listen((socket, index) => {
      connections = index + 1;
      onChunk(socket, () => socket.end(answerOf(201, "bye")));
    });
    expect(await put(url, halves, chunk.length)).toMatchObject({ status: 201 });
    await Servers.settled(() => 0);
    expect(await put(url, halves, chunk.length)).toMatchObject({ status: 201 });
    expect(connections).toBe(2);
  });

  it("does not wait for the rest of an answer whose head says it all", async () => {
    const { url } = await listen((socket) => {
      onChunk(socket, () => socket.write("HTTP/1.1 206 X\r\ncontent-length: 9\r\n\r\nhalf"));
    });
    expect(await put(url, halves, chunk.length)).toMatchObject({ status: 206 });
  });

  it.each([
    ["short", [chunk.subarray(1)], "WIRE_CLOSED"],
    ["long", [chunk, Buffer.from("x")], "WIRE_PROTOCOL"],
  ])("fails on a body that is too %s, whatever the answer", async (_what, pieces, code) => {
    const { url } = await listen((socket) => {
      onChunk(socket, () => socket.write(answerOf(206, "")));
    });
    const sending = put(url, pieces, chunk.length);
    await expect(sending).rejects.toMatchObject(isBrokenBy(code));
  });

  it("can be called off before it begins, while it sends and while it waits", async () => {
    const stopped = isBrokenBy("WIRE_STOPPED");
    let arrived = 0;
    const { url } = await listen((socket) => {
      socket.on("data", (data) => (arrived += data.length));
    });
    const waiting = put(url, halves, chunk.length);
    await until(() => arrived > chunk.length);
    line.hold.abort();
    await expect(waiting).rejects.toMatchObject(stopped);
    await expect(put(url, halves, chunk.length)).rejects.toMatchObject(stopped);
    line.hold = new AbortController();
    arrived = 0;
    const body = stalling();
    const sending = put(url, body, chunk.length);
    await until(() => arrived > 100_000);
    line.hold.abort();
    await expect(sending).rejects.toMatchObject(stopped);
    expect(body.isDestroyed).toBe(true);
  });

  it("fails when no answer comes", async () => {
    const { url } = await listen((socket) => void socket.resume());
    await expect(put(url, halves, chunk.length, 50)).rejects.toMatchObject(
      isBrokenBy("WIRE_SILENT"),
    );
  });
});
