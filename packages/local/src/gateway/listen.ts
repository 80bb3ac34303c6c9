/**
 * Listening on loopback only, on IPv4 and, where the machine has it, on IPv6: a browser may take
 * `localhost` for either.
 *
 * The port is known, or known to be taken, before there is anything to serve: requests that come
 * early wait until `serve` is called.
 */
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export type Listener = {
  port: number;
  serve(handler: RequestListener): void;
  close(): Promise<void>;
};

/** A request may be a long upload of a form, never one without an end. */
const requestTimeoutMs = 120_000;
/** With port 0, the port that IPv4 got may be taken on IPv6. */
const attemptCountMax = 5;

/** Rejects with the system's EADDRINUSE when either family's port is taken. */
export async function listenLocal(port: number): Promise<Listener> {
  const ready = Promise.withResolvers<RequestListener>();
  const onRequest: RequestListener = (request, response) => {
    void ready.promise.then((handler) => handler(request, response));
  };
  for (let attempt = 1; ; attempt += 1) {
    const v4 = await listen(port, "127.0.0.1", onRequest);
    const actualPort = (v4.address() as AddressInfo).port;
    try {
      const v6 = await listen(actualPort, "::1", onRequest).catch(ignoreMissingFamily);
      const servers = v6 === null ? [v4] : [v4, v6];
      return { port: actualPort, serve: ready.resolve, close: () => closeAll(servers) };
    } catch (error) {
      await closeAll([v4]);
      if (port !== 0 || attempt === attemptCountMax) throw error;
    }
  }
}

function listen(port: number, host: string, onRequest: RequestListener): Promise<Server> {
  const server = createServer({ requestTimeout: requestTimeoutMs }, onRequest);
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, host, () => resolve(server));
  });
}

function ignoreMissingFamily(error: NodeJS.ErrnoException): null {
  if (error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT") return null;
  throw error;
}

async function closeAll(servers: Server[]): Promise<void> {
  await Promise.all(
    servers.map((server) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    }),
  );
}
