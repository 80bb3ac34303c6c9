/**
 * An S3 server in this process: HTTP on loopback, state in one folder.
 *
 * `startS3` promises to listen when it resolves and to serve whatever the folder held before; `close` ends every
 * connection at once and resolves when no request is running any more; `sweep` executes lifecycle rules. What it speaks is the
 * part of S3 that the product uses, as strictly as S3: what it does not know, it refuses with 501.
 */
import { createServer } from "node:http";
import { z } from "zod";
import { handleExchange, type RequestRecord, type Server } from "./exchange.ts";
import { type Swept, sweepBucket } from "./lifecycle.ts";
import { openStore } from "./store.ts";

export type { RequestRecord } from "./exchange.ts";
export type { Swept } from "./lifecycle.ts";

export type S3Options = {
  /** Where everything is kept; created when missing. One server at a time. */
  dir: string;
  /** 0 takes any free one. */
  port: number;
  host?: "127.0.0.1";
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
  onRequest?: (record: RequestRecord) => void;
  /** A failure of the server itself, answered with 500; written to stderr unless it is taken here. */
  onFailure?: (error: unknown) => void;
  nowMs?: () => number;
};

export type S3Handle = {
  url: string;
  port: number;
  sweep(): Promise<Swept>;
  close(): Promise<void>;
};

/** A connection on which nothing moves for this long is dead; a slow one that moves may take any time. */
const idleMsMax = 5 * 60 * 1000;

export async function startS3(options: S3Options): Promise<S3Handle> {
  const host = options.host ?? "127.0.0.1";
  const nowMs = options.nowMs ?? Date.now;
  const { accessKeyId, secretAccessKey, region } = options;
  const store = await openStore(options.dir);
  const server: Server = {
    store,
    authority: { accessKeyId, secretAccessKey, region, nowMs },
    onRequest: options.onRequest ?? (() => {}),
    onFailure: options.onFailure ?? ((error) => console.error("s3", error)),
  };
  const running = new Set<Promise<void>>();
  // A whole part may take long on a slow line: only headers and silence are limited, not the request.
  const http = createServer(
    { requestTimeout: 0, keepAliveTimeout: 65_000 },
    (message, response) => {
      const exchange = handleExchange(server, message, response);
      running.add(exchange);
      void exchange.finally(() => running.delete(exchange));
    },
  );
  http.setTimeout(idleMsMax);
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(options.port, host, () => {
      http.removeListener("error", reject);
      resolve();
    });
  });
  const { port } = z.object({ port: z.number() }).parse(http.address());

  return {
    url: `http://${host}:${port}`,
    port,
    async sweep() {
      const swept: Swept = { expiredObjects: 0, abortedUploads: 0 };
      for (const bucket of [...store.buckets.values()]) {
        const inBucket = await sweepBucket(store, bucket, nowMs());
        swept.expiredObjects += inBucket.expiredObjects;
        swept.abortedUploads += inBucket.abortedUploads;
      }
      return swept;
    },
    async close() {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      http.closeAllConnections();
      await closed;
      await Promise.allSettled(running);
    },
  };
}
