/**
 * The line between a page and storage, seen and cut from both ends: bytes are counted at the S3 server's sockets, which
 * cannot be wrong about what was sent, and a cut is either the browser's (it knows) or the server's (it does not).
 *
 * The S3 server runs in this process, so Node's own diagnostics tell of its requests; the product is not touched.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Page } from "playwright-core";
import { onTestFinished } from "vitest";
import type { Stage } from "./stage.ts";

export type Line = {
  /** Everything that arrived on connections that carried parts, heads of requests included. */
  receivedBytes(): number;
  /** How many parts were stored, once or more often. */
  storedPartCount(): number;
  /**
   * Which of these parts are stored once more after this moment, asked later. Twice before it is no fault: the answer
   * to the first may have been lost on the way.
   */
  watchStored(parts: Iterable<number>): () => number[];
  partBytesMax(): number;
  /** Connections that were carrying a part when it broke, and the most that did at once. */
  brokenCount(): number;
  lanesMax(): number;
  underWayCount(): number;
  /** Resets every connection that carries a part, and each new one, until it is mended. */
  cut(): void;
  mend(): void;
};

type Started = { request: IncomingMessage; response: ServerResponse; socket: Socket };

export function watchLine(stage: Stage): Line {
  const { port } = new URL(stage.host.s3Url);
  const sockets = new Set<Socket>();
  const underWay = new Set<IncomingMessage>();
  const stored = new Map<number, number>();
  const seen = { partBytesMax: 0, brokenCount: 0, lanesMax: 0, isCut: false };

  const onStart = (message: unknown) => {
    const { request, response, socket } = message as Started;
    const partNumber = partOf(request);
    if (String(socket.localPort) !== port || partNumber === null) return;
    if (seen.isCut) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    underWay.add(request);
    seen.lanesMax = Math.max(seen.lanesMax, underWay.size);
    seen.partBytesMax = Math.max(seen.partBytesMax, Number(request.headers["content-length"] ?? 0));
    response.once("close", () => {
      underWay.delete(request);
      const isStored = response.writableFinished && response.statusCode === 200;
      if (isStored) stored.set(partNumber, (stored.get(partNumber) ?? 0) + 1);
      else seen.brokenCount += 1;
    });
  };
  subscribe("http.server.request.start", onStart);
  onTestFinished(() => void unsubscribe("http.server.request.start", onStart));
  return {
    receivedBytes: () => [...sockets].reduce((sum, socket) => sum + socket.bytesRead, 0),
    storedPartCount: () => stored.size,
    watchStored: (parts) => {
      const countsThen = [...parts].map((part) => [part, stored.get(part)] as const);
      return () =>
        countsThen.filter(([part, count]) => stored.get(part) !== count).map(([part]) => part);
    },
    partBytesMax: () => seen.partBytesMax,
    brokenCount: () => seen.brokenCount,
    lanesMax: () => seen.lanesMax,
    underWayCount: () => underWay.size,
    cut: () => {
      seen.isCut = true;
      for (const { socket } of underWay) socket.destroy();
    },
    mend: () => {
      seen.isCut = false;
    },
  };
}

/** Parts that storage has confirmed to this page's browser. A response that was lost on the way does not count. */
export function watchConfirmed(page: Page): ReadonlySet<number> {
  const confirmed = new Set<number>();
  page.on("requestfinished", async (request) => {
    const partNumber = partOf({ method: request.method(), url: request.url() });
    if (partNumber !== null && (await request.response())?.ok()) confirmed.add(partNumber);
  });
  return confirmed;
}

/** What the page's own line does, as the browser's developer tools set it; uploads alone are slowed. */
export async function createDial(page: Page) {
  const session = await page.context().newCDPSession(page);
  const set = (offline: boolean, uploadThroughput: number) =>
    session.send("Network.emulateNetworkConditions", {
      offline,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput,
    });
  return {
    /** Bytes a second; null for as many as the machine can. */
    setRate: (bytesPerSecond: number | null) => set(false, bytesPerSecond ?? -1),
    /** So slow that nothing is finished: holds the middle still, however busy the machine is. */
    hold: () => set(false, 1_000),
    goOffline: () => set(true, 0),
  };
}

function partOf({ method, url }: Pick<IncomingMessage, "method" | "url">): number | null {
  if (method !== "PUT") return null;
  const found = new URL(url ?? "/", "http://storage").searchParams.get("partNumber");
  return found === null ? null : Number(found);
}
