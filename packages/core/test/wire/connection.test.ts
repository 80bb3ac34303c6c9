import dns from "node:dns";
import type { Socket } from "node:net";
import tls from "node:tls";
import { inspect } from "node:util";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Connection, connect } from "../../src/wire/connection.ts";
import * as Servers from "./servers.ts";

const { isBrokenBy, settled, until } = Servers;
const connections: Connection[] = [];
let own: Servers.Certificate;
const known = tls.getCACertificates("default");

function dial(url: string): Connection {
  const connection = connect(new URL(url));
  connections.push(connection);
  return connection;
}

/** What a name stands for, as long as the test runs. */
function resolving(...addresses: { address: string; family: number }[]): void {
  vi.spyOn(dns, "lookup").mockImplementation(((...args: unknown[]) => {
    const [, options, answer] = args as [string, { all?: boolean }, (...found: unknown[]) => void];
    const [first] = addresses;
    if (options.all) answer(null, addresses);
    else answer(null, first?.address, first?.family);
  }) as typeof dns.lookup);
}

async function readAll(connection: Connection): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let piece = await connection.read(); piece !== null; piece = await connection.read()) {
    pieces.push(Buffer.from(piece));
  }
  return Buffer.concat(pieces);
}

async function readOn(connection: Connection): Promise<never> {
  for (;;) await connection.read();
}

async function writeOn(connection: Connection): Promise<never> {
  for (;;) await connection.write(patterned(1_000_000));
}

/** Resolves when a timer of so many milliseconds has run out on another connection. */
async function outlast(limitMs: number): Promise<void> {
  const { url } = await Servers.listen(() => undefined);
  const other = dial(url);
  other.limitSilence(limitMs);
  await expect(other.read()).rejects.toMatchObject(isBrokenBy("WIRE_SILENT"));
}

const patterned = (bytes: number) => Buffer.alloc(bytes, Buffer.from([...Array(251).keys()]));
/** More than three blocks, so that it is held back, and nothing stays with the system. */
const blocksWorth = patterned(3 * 262_144 + 1);

beforeAll(async () => {
  own = await Servers.certify({ type: 2, value: "wire.test" }, { type: 7, ip: "127.0.0.1" });
});

afterEach(async () => {
  vi.restoreAllMocks();
  tls.setDefaultCACertificates(known);
  for (const connection of connections.splice(0)) connection.destroy();
  await Servers.closeAll();
});

const trust = ({ cert }: Servers.Certificate) => tls.setDefaultCACertificates([...known, cert]);
const over = {
  TCP: Servers.listen,
  "TLS 1.2": (serve: Servers.Serve) => Servers.listenTls({ ...own, maxVersion: "TLSv1.2" }, serve),
  "TLS 1.3": (serve: Servers.Serve) => Servers.listenTls({ ...own, maxVersion: "TLSv1.3" }, serve),
};

describe.each(Object.entries(over))("a connection over %s", (_name, listen) => {
  const open = async (serve: Servers.Serve) => {
    trust(own);
    return dial((await listen(serve)).url);
  };

  it("reads what was sent, to its end", async () => {
    const sent = patterned(5_000_003);
    const connection = await open((socket) => void socket.end(sent));
    expect((await readAll(connection)).equals(sent)).toBe(true);
    expect(await connection.read()).toBeNull();
    expect(connection.isUsable()).toBe(false);
  });

  it("writes what it is given, also before it stands", async () => {
    const sent = patterned(3_000_001);
    const arrived: Buffer[] = [];
    const connection = await open((socket) => {
      socket.on("data", (data) => arrived.push(data)).on("end", () => socket.end("thanks"));
      setImmediate(() => socket.write("!"));
    });
    for (let at = 0; at < sent.length; at += 250_000) {
      await connection.write(sent.subarray(at, at + 250_000));
    }
    await until(() => arrived.reduce((sum, { length }) => sum + length, 0) === sent.length);
    expect(Buffer.concat(arrived).equals(sent)).toBe(true);
  });

  it("holds the other side back while nobody reads, and then loses nothing", async () => {
    const sent = patterned(48_000_000);
    let server: Socket | undefined;
    const connection = await open((socket) => {
      server = socket;
      socket.end(sent);
    });
    await until(() => server !== undefined && server.bytesWritten > 0 && !connection.isUsable());
    await settled(() => server?.writableLength ?? 0);
    expect(server?.writableFinished).toBe(false);
    expect((await readAll(connection)).equals(sent)).toBe(true);
  });

  it("does not call it silence when it holds the other side back itself", async () => {
    const sent = Buffer.concat([blocksWorth, blocksWorth]);
    const connection = await open((socket) => void socket.end(sent));
    await until(() => !connection.isUsable());
    await settled(() => 0);
    connection.limitSilence(20);
    await outlast(60);
    connection.limitSilence(0);
    expect((await readAll(connection)).equals(sent)).toBe(true);
  });

  it("listens for silence again after it has held the other side back", async () => {
    const connection = await open((socket) => void socket.write(blocksWorth));
    await until(() => !connection.isUsable());
    await settled(() => 0);
    connection.limitSilence(20);
    await outlast(60);
    await expect(readOn(connection)).rejects.toMatchObject(isBrokenBy("WIRE_SILENT"));
  });

  it("notices that its own bytes are not taken", async () => {
    const connection = await open((socket) => void socket.pause());
    connection.limitSilence(50);
    await expect(writeOn(connection)).rejects.toMatchObject(isBrokenBy("WIRE_SILENT"));
  });

  it("notices that its own bytes are not taken also while it holds the other side back", async () => {
    const connection = await open((socket) => void socket.pause().write(blocksWorth));
    await until(() => !connection.isUsable());
    await settled(() => 0);
    connection.limitSilence(50);
    await expect(writeOn(connection)).rejects.toMatchObject(isBrokenBy("WIRE_SILENT"));
  });

  it("settles a read and a write that wait when it is destroyed, and everything after", async () => {
    const connection = await open((socket) => void socket.pause());
    const waiting = [connection.read(), connection.write(patterned(30_000_000))];
    const outcome = Promise.allSettled(waiting);
    connection.destroy();
    const stopped = { status: "rejected", reason: isBrokenBy("WIRE_STOPPED") };
    expect(await outcome).toMatchObject([stopped, stopped]);
    await expect(connection.read()).rejects.toMatchObject(isBrokenBy("WIRE_STOPPED"));
    await expect(connection.write(Buffer.from("x"))).rejects.toMatchObject(
      isBrokenBy("WIRE_STOPPED"),
    );
  });

  it("reads what came before the other side broke off", async () => {
    let server: Socket | undefined;
    const connection = await open((socket) => {
      server = socket;
      socket.write("last words");
    });
    await until(() => !connection.isUsable());
    server?.destroy();
    await until(() => server?.destroyed ?? false);
    expect(`${await connection.read()}`).toBe("last words");
  });

  it("lends a piece that nothing overwrites before the next read", async () => {
    let server: Socket | undefined;
    const sent = patterned(2_000_000);
    const connection = await open((socket) => {
      server = socket;
      socket.write(sent.subarray(0, 1_000));
    });
    const piece = await connection.read();
    const copy = Buffer.from(piece ?? []);
    server?.end(sent.subarray(1_000));
    await settled(() => server?.writableLength ?? 0);
    expect(copy.equals(piece ?? Buffer.from("none"))).toBe(true);
    expect(Buffer.concat([copy, await readAll(connection)]).equals(sent)).toBe(true);
  });
});

describe("a connection", () => {
  it("reads again what was read too far, and is not usable until then", async () => {
    const { url } = await Servers.listen((socket) => void socket.write("headbody"));
    const connection = dial(url);
    const piece = await connection.read();
    connection.unread(piece?.subarray(4) ?? Buffer.alloc(0));
    expect(connection.isUsable()).toBe(false);
    expect(`${await connection.read()}`).toBe("body");
    expect(connection.isUsable()).toBe(true);
  });

  it.each([
    ["says something unasked", (socket: Socket) => void socket.write("x")],
    ["ends", (socket: Socket) => void socket.end()],
    ["breaks off", (socket: Socket) => void socket.resetAndDestroy()],
  ])("is not usable once the other side %s", async (_what, act) => {
    let server: Socket | undefined;
    const { url } = await Servers.listen((socket) => {
      server = socket;
    });
    const connection = dial(url);
    await until(() => server !== undefined);
    expect(connection.isUsable()).toBe(true);
    if (server) act(server);
    await until(() => !connection.isUsable());
  });

  it("tries a name's next address when the first one does not answer, and reads from that", async () => {
    resolving({ address: "::1", family: 6 }, { address: "127.0.0.1", family: 4 });
    const sent = patterned(1_500_000);
    const { port } = await Servers.listen((socket) => void socket.end(sent));
    const connection = dial(`http://wire.test:${port}/`);
    expect((await readAll(connection)).equals(sent)).toBe(true);
  });

  it("takes the brackets off an IPv6 address", async () => {
    const lookup = vi.spyOn(dns, "lookup");
    const connection = dial("http://[::1]:9/");
    await expect(connection.read()).rejects.toMatchObject({ name: "BrokenConnection" });
    expect(lookup).not.toHaveBeenCalled();
  });
});

describe("a connection over TLS", () => {
  it("names its host and HTTP/1.1 to the server, and an address is no name", async () => {
    trust(own);
    resolving({ address: "127.0.0.1", family: 4 });
    const seen: unknown[] = [];
    const options = { ...own, ALPNProtocols: ["h2", "http/1.1"] };
    const { port } = await Servers.listenTls(options, (socket) => {
      if (socket instanceof tls.TLSSocket) seen.push([socket.servername, socket.alpnProtocol]);
      socket.end();
    });
    expect(await dial(`https://wire.test:${port}/`).read()).toBeNull();
    expect(await dial(`https://127.0.0.1:${port}/`).read()).toBeNull();
    expect(seen).toEqual([
      ["wire.test", "http/1.1"],
      [false, "http/1.1"],
    ]);
  });

  it("tries a name's next address as well", async () => {
    trust(own);
    resolving({ address: "::1", family: 6 }, { address: "127.0.0.1", family: 4 });
    const sent = patterned(1_500_000);
    const { port } = await Servers.listenTls(own, (socket) => void socket.end(sent));
    expect((await readAll(dial(`https://wire.test:${port}/`))).equals(sent)).toBe(true);
  });

  it.each([
    ["TLSv1.2", "nobody vouches for", "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["TLSv1.3", "nobody vouches for", "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["TLSv1.2", "is another's", "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["TLSv1.3", "is another's", "ERR_TLS_CERT_ALTNAME_INVALID"],
  ] as const)(
    "tells nothing over %s to a server whose certificate %s",
    async (maxVersion, _what, code) => {
      const other = await Servers.certify({ type: 2, value: "other.test" });
      if (code === "ERR_TLS_CERT_ALTNAME_INVALID") trust(other);
      let heard = 0;
      let closed = 0;
      const { url } = await Servers.listenTls({ ...other, maxVersion }, (socket) => {
        socket.on("data", (data) => (heard += data.length)).on("close", () => (closed += 1));
      });
      const connection = dial(url);
      const failure = await connection.write(Buffer.from("GET /secret")).catch((error) => error);
      expect(failure).toMatchObject(isBrokenBy(code));
      expect(inspect(failure, { depth: 10 })).not.toContain("secret");
      await expect(connection.read()).rejects.toBe(failure);
      await settled(() => closed);
      expect(heard).toBe(0);
    },
  );

  it("fails when the server does not speak TLS, or hangs up, or says nothing at all", async () => {
    const plain = await Servers.listen((socket) => void socket.end("220 mail.example\r\n"));
    const curt = await Servers.listen((socket) => void socket.end());
    const mute = await Servers.listen(() => undefined);
    const read = (url: string, silenceMsMax = 0) => {
      const connection = dial(url.replace("http:", "https:"));
      connection.limitSilence(silenceMsMax);
      return connection.read();
    };
    await expect(read(plain.url)).rejects.toMatchObject(isBrokenBy(/^E/));
    // It has ended, and said nothing: to whoever waits for a head that is a failure.
    expect(await read(curt.url)).toBeNull();
    await expect(read(mute.url, 50)).rejects.toMatchObject(isBrokenBy("WIRE_SILENT"));
  });
});
