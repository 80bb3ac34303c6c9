/**
 * What stands between a relay and storage: a proxy that holds every request back, and TLS. A process of its own, so that
 * neither slows the host down; it ends with it.
 */
import { createServer, request } from "node:http";
import { serveParent } from "../child.ts";
import { listen } from "../listen.ts";
import { frontSchema } from "./protocol.ts";
import { startTlsFront } from "./tls.ts";

await serveParent(frontSchema, async ({ url, firstByteMs, certificate }) => {
  const held = firstByteMs === 0 ? url : await startDelay(url, firstByteMs);
  return { url: certificate === null ? held : await startTlsFront(held, certificate) };
});

function startDelay(url: string, delayMs: number): Promise<string> {
  const { hostname: host, port } = new URL(url);
  const proxy = createServer((message, response) => {
    setTimeout(() => {
      const { method, url: path, headers } = message;
      const onward = request({ host, port, method, path, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on("error", () => response.destroy());
      message.pipe(onward);
    }, delayMs);
  });
  return listen(proxy);
}
