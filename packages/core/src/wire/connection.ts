/**
 * One TCP or TLS connection, read into blocks of its own. Node's streams give every 64 KiB a new buffer, and a parser that
 * runs as WebAssembly copies it once more; this reads straight into memory that is used again, and writes from there.
 * Measured in the relay: a third of the processor time per byte and three fifths of the memory (docs/speed.md).
 *
 * Promises that every read and write settles: with bytes, or with a `BrokenConnection` when the other side is gone, when
 * nothing has moved for the time allowed, or when `destroy` was called.
 */
import { isIP, type OnReadOpts, connect as openTcp, type Socket } from "node:net";
import { type ConnectionOptions, connect as openTls } from "node:tls";
import { createBlocks } from "./blocks.ts";
import { BrokenConnection } from "./broken.ts";

/** Four blocks hold what a link of 1 Gbit/s carries in 8 ms: the pause of a scheduler, not more. */
const blockBytes = 262_144;
const blockCountMax = 4;

export interface Connection {
  /** Resolves when the bytes are handed to the system, which is when their memory may be used again. */
  write(bytes: Uint8Array): Promise<void>;
  /** What has arrived, lent until the next call; null when the other side has ended. One call at a time. */
  read(): Promise<Uint8Array | null>;
  /** Bytes that were read too far; the next `read` answers them. They must belong to the piece that is lent. */
  unread(bytes: Uint8Array): void;
  /** How long nothing may move; 0 for as long as it likes. Silence does not count while only we hold back. */
  limitSilence(limitMs: number): void;
  /** False as soon as it can take no other request: it has ended, or said something unasked. */
  isUsable(): boolean;
  destroy(error?: BrokenConnection): void;
}

/** Opens `https:` with TLS and Node's certificates, anything else without. Answers before the connection stands. */
export function connect(url: URL): Connection {
  const blocks = createBlocks({ blockBytes, countMax: blockCountMax });
  const arrival = createBell();
  const state = {
    isEnded: false,
    isHeld: false,
    isWriting: false,
    broken: null as BrokenConnection | null,
  };
  let silenceMs = 0;
  let pushedBack: Uint8Array | null = null;

  const socket = open(url, {
    buffer: () => blocks.room(),
    callback: (count) => {
      state.isHeld = !blocks.filled(count);
      arrival.ring();
      return !state.isHeld;
    },
  });
  const fail = (error: BrokenConnection) => {
    state.broken ??= error;
    socket.destroy();
    arrival.ring();
  };
  const release = () => {
    state.isHeld = false;
    // The silence that we asked for does not count, and a limit that was reached in it is not watched any more.
    socket.setTimeout(silenceMs);
    socket.resume();
  };
  socket.setNoDelay(true);
  socket.on("error", (cause) => fail(brokenBy(cause)));
  socket.on("close", () => fail(new BrokenConnection("WIRE_CLOSED", "the connection is closed")));
  socket.on("timeout", () => {
    if (!state.isHeld || state.isWriting)
      fail(new BrokenConnection("WIRE_SILENT", "nothing moved for too long"));
  });
  socket.on("end", () => {
    state.isEnded = true;
    arrival.ring();
  });

  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (state.broken !== null) return reject(state.broken);
        state.isWriting = true;
        socket.write(bytes, (error) => {
          state.isWriting = false;
          if (error) reject(state.broken ?? brokenBy(error));
          else resolve();
        });
      }),
    async read() {
      if (pushedBack !== null) {
        const piece = pushedBack;
        pushedBack = null;
        return piece;
      }
      for (;;) {
        const piece = blocks.take();
        if (state.isHeld && blocks.hasSpace()) release();
        if (piece !== null) return piece;
        if (state.isEnded) return null;
        if (state.broken !== null) throw state.broken;
        await arrival.rung();
      }
    },
    unread(bytes) {
      pushedBack = bytes.length > 0 ? bytes : null;
    },
    limitSilence(limitMs) {
      silenceMs = limitMs;
      socket.setTimeout(limitMs);
    },
    isUsable: () =>
      state.broken === null && !state.isEnded && pushedBack === null && blocks.isEmpty(),
    destroy: (error) => fail(error ?? new BrokenConnection("WIRE_STOPPED", "no longer wanted")),
  };
}

function open(url: URL, onread: OnReadOpts): Socket {
  const host = url.hostname.replaceAll(/^\[|\]$/g, "");
  if (url.protocol !== "https:") return openTcp({ host, port: Number(url.port || 80), onread });
  const port = Number(url.port || 443);
  // Node knows `onread` here as well; its types do not.
  const options: ConnectionOptions & { onread: OnReadOpts } = {
    host,
    port,
    ALPNProtocols: ["http/1.1"],
    onread,
  };
  // A name is told to the server; an address is none. Either is checked against the certificate.
  if (isIP(host) === 0) options.servername = host;
  return openTls(options);
}

/** Wakes whoever waits; rung while nobody waits, it wakes the next one at once. */
function createBell(): { ring(): void; rung(): Promise<void> } {
  let waiting = Promise.withResolvers<void>();
  return {
    ring: () => waiting.resolve(),
    async rung() {
      await waiting.promise;
      waiting = Promise.withResolvers<void>();
    },
  };
}

function brokenBy(cause: Error): BrokenConnection {
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "WIRE_CLOSED";
  return new BrokenConnection(code, "the connection broke", { cause });
}
