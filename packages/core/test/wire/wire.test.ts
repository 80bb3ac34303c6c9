import type { Socket } from "node:net";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf } from "../../src/testing/streams.ts";
import * as Servers from "./servers.ts";
import { useWire } from "./use-wire.ts";

const { answerOf, isBrokenBy, listen, onRequest, until } = Servers;
const line = useWire();
const { get } = line;
const textOf = async (url: string) => `${await bytesOf((await get(url)).body)}`;

const chunk = Buffer.alloc(300_000, "harbour at dawn ");

describe("an answer", () => {
  const first = Buffer.from(
    "HTTP/1.1 103 Hints\r\nlink: x\r\n\r\nHTTP/1.1 206 Partial\r\nContent-Length: 10\r\n\r\n0123456789",
  );
  const second = answerOf(200, "abc", ["connection: keep-alive"]);

  async function readCut(cuts: readonly number[]): Promise<void> {
    let connections = 0;
    const { url } = await listen((socket, index) => {
      connections = index + 1;
      socket.setNoDelay(true);
      onRequest(socket, async (_head, count) => {
        const answer = count === 0 ? first : second;
        const edges = cuts.filter((cut) => cut > 0 && cut < answer.length);
        let from = 0;
        for (const to of [...edges, answer.length]) {
          socket.write(answer.subarray(from, to));
          from = to;
          for (let turns = 0; turns < 3; turns += 1) await new Promise((go) => setImmediate(go));
        }
      });
    });
    const { status, headers, bodyBytes, body } = await get(url);
    expect([status, headers.size, bodyBytes, `${await bytesOf(body)}`]).toEqual([
      206,
      1,
      10,
      "0123456789",
    ]);
    expect(await textOf(url)).toBe("abc");
    expect(connections).toBe(1);
  }

  it("reads the same wherever it is cut in two", async () => {
    for (let cut = 0; cut < first.length; cut += 1) await readCut([cut]);
  });

  it("reads the same in any pieces", async () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: first.length - 1 }), { maxLength: 60 });
    const sorted = cuts.map((places) => places.toSorted((a, b) => a - b));
    await fc.assert(fc.asyncProperty(sorted, readCut), { numRuns: 20 });
  });

  it.each([
    ["a head without end", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(70_000)}`],
    ["informational answers without end", "HTTP/1.1 100 Continue\r\n\r\n".repeat(9)],
    ["another protocol", "SSH-2.0-OpenSSH\r\n\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx"],
  ])("with %s is refused", async (_what, bytes) => {
    const { url } = await listen((socket) => onRequest(socket, () => socket.write(bytes)));
    await expect(get(url)).rejects.toMatchObject(isBrokenBy("WIRE_PROTOCOL"));
  });

  it.each([
    ["with more bytes than announced", "0123456789x", "WIRE_PROTOCOL"],
    ["with fewer", "012345678", "WIRE_CLOSED"],
  ])("%s is not taken for whole", async (_what, body, code) => {
    const head = "HTTP/1.1 206 X\r\ncontent-length: 10\r\n\r\n";
    const { url } = await listen((socket) => onRequest(socket, () => socket.end(head + body)));
    const answer = await get(url);
    await expect(bytesOf(answer.body)).rejects.toMatchObject(isBrokenBy(code));
  });

  it.each([
    ["is of HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok"],
    ["says it closes", "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"],
    ["ends with the connection", "HTTP/1.1 200 OK\r\n\r\nok"],
    [
      "is followed by more",
      "HTTP/1.1 204 No\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil",
    ],
  ])("that %s costs its connection", async (_what, bytes) => {
    let connections = 0;
    const { url } = await listen((socket, index) => {
      connections = index + 1;
      onRequest(socket, () => (bytes.includes("length") ? socket.write(bytes) : socket.end(bytes)));
    });
    const one = await textOf(url);
    expect(await textOf(url)).toBe(one);
    expect(connections).toBe(2);
  });

  it("that is followed by more ends its connection at once, and not when the next one is wanted", async () => {
    const sockets: Socket[] = [];
    const { url } = await listen((socket) => {
      sockets.push(socket);
      onRequest(socket, () => socket.write("HTTP/1.1 204 No\r\n\r\nmore"));
    });
    expect(await textOf(url)).toBe("");
    await until(() => sockets[0]?.readableEnded ?? false);
  });
});

describe("get", () => {
  it("repeats itself once when its kept connection turns out to be gone", async () => {
    const asked: number[] = [];
    const { url } = await listen((socket, index) => {
      onRequest(socket, (_head, count) => {
        asked.push(index);
        if (count === 0) socket.write(answerOf(206, `from ${index}`));
        else socket.resetAndDestroy();
      });
    });
    expect(await textOf(url)).toBe("from 0");
    expect(await textOf(url)).toBe("from 1");
    expect(asked).toEqual([0, 0, 1]);
  });

  it("does not repeat itself twice, nor what failed on a new connection", async () => {
    const asked: number[] = [];
    const { url } = await listen((socket, index) => {
      onRequest(socket, (_head, count) => {
        asked.push(index);
        if (index === 0 && count === 0) socket.write(answerOf(206, "ok"));
        else socket.destroy();
      });
    });
    expect(await textOf(url)).toBe("ok");
    await expect(get(url)).rejects.toMatchObject({ name: "BrokenConnection" });
    expect(asked).toEqual([0, 0, 1]);
    await expect(get(url)).rejects.toMatchObject({ name: "BrokenConnection" });
    expect(asked).toEqual([0, 0, 1, 2]);
  });

  it("does not repeat itself when the other side fell silent", async () => {
    let asked = 0;
    const { url } = await listen((socket) => {
      onRequest(socket, () => {
        asked += 1;
        if (asked === 1) socket.write(answerOf(206, "ok"));
      });
    });
    expect(await textOf(url)).toBe("ok");
    await expect(get(url, 30)).rejects.toMatchObject(isBrokenBy("WIRE_SILENT"));
    expect(await Servers.settled(() => asked)).toBe(2);
  });

  it.each([
    ["said something unasked", (socket: Socket) => void socket.write(answerOf(200, "evil"))],
    ["ended", (socket: Socket) => void socket.end()],
  ])("uses no connection that %s while it idled", async (_what, act) => {
    const sockets: Socket[] = [];
    const { url } = await listen((socket) => {
      sockets.push(socket);
      onRequest(socket, () => socket.write(answerOf(206, "good")));
    });
    expect(await textOf(url)).toBe("good");
    for (const socket of sockets) act(socket);
    await Servers.settled(() => 0);
    expect(await textOf(url)).toBe("good");
    expect(sockets).toHaveLength(2);
  });

  it("uses no connection that idled for long", async () => {
    let connections = 0;
    const { url } = await listen((socket, index) => {
      connections = index + 1;
      onRequest(socket, () => socket.write(answerOf(206, "good")));
    });
    for (line.nowMs of [0, 3_999, 7_998]) await textOf(url);
    expect(connections).toBe(1);
    line.nowMs += 4_000;
    await textOf(url);
    expect(connections).toBe(2);
  });

  it("keeps a connection to itself until its last byte was given back", async () => {
    let connections = 0;
    const { url } = await listen((socket, index) => {
      connections = index + 1;
      onRequest(socket, () => socket.write(answerOf(206, `from ${index}`)));
    });
    const { body } = await get(url);
    const iterator = body[Symbol.asyncIterator]();
    const { value } = await iterator.next();
    expect(await textOf(url)).toBe("from 1");
    expect(`${value}`).toBe("from 0");
    expect(await iterator.next()).toMatchObject({ done: true });
    await body.ended;
    expect(await textOf(url)).toBe("from 0");
    expect(connections).toBe(2);
    // Read once: the connection is another request's by now.
    expect(await bytesOf(body)).toHaveLength(0);
  });

  it("ends the connection of a body that is left, or not wanted", async () => {
    const sockets: Socket[] = [];
    const { url } = await listen((socket) => {
      sockets.push(socket);
      onRequest(socket, () => socket.write(answerOf(206, chunk)));
    });
    for await (const _piece of (await get(url)).body) break;
    (await get(url)).body.destroy();
    await until(() => sockets.length === 2 && sockets.every(({ destroyed }) => destroyed));
  });

  it("can be called off before it begins, before its answer and in its body", async () => {
    const stopped = isBrokenBy("WIRE_STOPPED");
    let isAsked = false;
    const { url } = await listen((socket, index) => {
      onRequest(socket, () => {
        isAsked = true;
        if (index > 0) socket.write(answerOf(206, chunk).subarray(0, 1_000));
      });
    });
    const waiting = get(url);
    await until(() => isAsked);
    line.hold.abort();
    await expect(waiting).rejects.toMatchObject(stopped);
    await expect(get(url)).rejects.toMatchObject(stopped);
    line.hold = new AbortController();
    const { body } = await get(url);
    const reading = bytesOf(body);
    line.hold.abort();
    await expect(reading).rejects.toMatchObject(stopped);
  });

  it("fails when the body falls silent", async () => {
    const { url } = await listen((socket) => {
      onRequest(socket, () => socket.write(answerOf(206, chunk).subarray(0, 1_000)));
    });
    // On a machine that stalls, the head may fall silent already.
    const reading = get(url, 100).then(({ body }) => bytesOf(body));
    await expect(reading).rejects.toMatchObject(isBrokenBy("WIRE_SILENT"));
  });

  it("keeps what it was given out of its failures", async () => {
    for (const url of ["http://:secret", "ftp://host/secret", "http://127.0.0.1:1/secret"]) {
      const failure = await get(url).catch((error) => error);
      expect(failure).toBeInstanceOf(Error);
      expect(inspect(failure, { depth: 10 })).not.toContain("secret");
    }
  });
});
