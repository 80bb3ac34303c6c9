/**
 * Ports for a host that dies and comes back on the same ones. A port that the system hands out for 0 is not of these: while
 * the host is down, the system may hand it to somebody else.
 */
import { randomInt } from "node:crypto";
import { listenLocal } from "../gateway/listen.ts";
import type { HostOptions } from "./wire.ts";

export type LastingPorts = Pick<HostOptions, "port" | "sandboxPort" | "s3Port">;

/** Below the ports of outgoing connections and of port 0, on every system: Linux begins at 32768, others at 49152. */
const portRange = { min: 20_000, max: 32_000 };
const triesMax = 100;

/** Three that were free a moment ago; only another trial could take one meanwhile, out of thousands. */
export async function chooseLastingPorts(): Promise<LastingPorts> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = randomInt(portRange.min, portRange.max);
    const ports = { port, sandboxPort: port + 1, s3Port: port + 2 };
    if (await areFree(Object.values(ports))) return ports;
  }
  throw new Error(`no three ports in a row are free from ${portRange.min} to ${portRange.max}`);
}

async function areFree(ports: number[]): Promise<boolean> {
  for (const port of ports) {
    const isFree = await listenLocal(port).then(
      (listener) => listener.close().then(() => true),
      () => false,
    );
    if (!isFree) return false;
  }
  return true;
}
