/** Loopback servers on any free port. */
import { once } from "node:events";
import type { Server } from "node:net";
import * as z from "zod";

/** Answers the server's address, as HTTP has it. */
export async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}`;
}
