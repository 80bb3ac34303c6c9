/**
 * What stands between the network and dynalite's request listener.
 *
 * Promises that only callers on this machine get through, that one who hangs up cannot end the process, and that the
 * end can wait for requests that have begun. Reads no body and knows nothing of DynamoDB.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

export type Guard = {
  listener: RequestListener;
  /** Refuses new requests from now on; resolves when the last one that began has ended. */
  drain: () => Promise<void>;
};

const localHosts = new Set(["127.0.0.1", "localhost"]);

export function createGuard(inner: RequestListener): Guard {
  const running = new Set<ServerResponse>();
  let isDraining = false;
  let onIdle = () => {};

  function end(response: ServerResponse): void {
    running.delete(response);
    if (running.size === 0) {
      onIdle();
    }
  }

  return {
    listener(request, response) {
      if (!isLocal(request)) {
        response.writeHead(403).end();
        return;
      }
      if (isDraining) {
        response.writeHead(503, { connection: "close" }).end();
        return;
      }
      running.add(response);
      // Not the response's "close": that comes when the caller hangs up, while dynalite may still be writing.
      afterEnd(response, () => end(response));
      request.on("close", () => {
        if (!request.complete) {
          end(response);
        }
      });
      inner(request, response);
      // dynalite rethrows this error out of the event handler. Without a listener Node emits none.
      request.removeAllListeners("error");
    },
    drain() {
      isDraining = true;
      return new Promise((resolve) => {
        onIdle = resolve;
        if (running.size === 0) {
          resolve();
        }
      });
    },
  };
}

/** A page in the browser sends an Origin, or a foreign Host if it has rebound a name; the SDK sends neither. */
function isLocal(request: IncomingMessage): boolean {
  const hostname = (request.headers.host ?? "").replace(/:\d+$/, "");
  return request.headers.origin === undefined && localHosts.has(hostname);
}

function afterEnd(response: ServerResponse, run: () => void): void {
  const end = response.end;
  const wrapped = (...args: unknown[]) => {
    const result: unknown = Reflect.apply(end, response, args);
    run();
    return result;
  };
  response.end = wrapped as typeof response.end;
}
