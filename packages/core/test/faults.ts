/**
 * A process that dies at its nth call to the world: before the call has an effect, or right after it, when only the
 * answer is lost. From then on nothing of it reaches any port, as after a real crash.
 */
import type { World } from "@clipcast/core/testing";
import type { TikTokApi } from "../src/tiktok/index.ts";

export interface Fault {
  /** Counts from 1; more calls than there are means that nothing dies. */
  atCall: number;
  when: "before" | "after";
}

export class Crash extends Error {
  constructor() {
    super("the process died");
    this.name = "Crash";
  }
}

/** A world whose TikTok answers otherwise. */
export function withTikTok(world: World, changes: Partial<TikTokApi>): World["deps"] {
  return { ...world.deps, tiktok: { ...world.deps.tiktok, ...changes } };
}

/** Ports whose calls count. Clock, randomness and log cannot fail; `authorizeUrl` is not a call to the world. */
const ports = ["table", "storage", "ranges", "relayQueue", "checkQueue", "sealer", "tiktok"];
const callsMax = 500;

type PortCall = (...input: unknown[]) => unknown;

export function dying<D extends object>(deps: D, fault: Fault): D & { hasDied(): boolean } {
  let calls = 0;
  let isDead = false;

  const wrap =
    (call: PortCall): PortCall =>
    async (...input) => {
      calls += 1;
      isDead ||= calls === fault.atCall && fault.when === "before";
      if (isDead) throw new Crash();
      const isLast = calls === fault.atCall;
      const answer = await call(...input);
      if (isLast || isDead) {
        isDead = true;
        throw new Crash();
      }
      return answer;
    };
  const wrapPort = (port: object): object =>
    new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        return typeof member === "function" && name !== "authorizeUrl"
          ? wrap(member.bind(target))
          : member;
      },
    });

  const wrapped = Object.entries(deps).map(([name, port]): [string, unknown] => {
    if (name === "sendChunk") return [name, wrap(port)];
    return [name, ports.includes(name) ? wrapPort(port) : port];
  });
  return { ...deps, ...Object.fromEntries(wrapped), hasDied: () => isDead };
}

/**
 * Plays the scenario once for each call that can be the last one, until a run is clean. `play` answers whether the
 * process died. Answers how many crashes there were.
 */
export async function forEveryFault(play: (fault: Fault) => Promise<boolean>): Promise<number> {
  let crashes = 0;
  for (const when of ["before", "after"] as const) {
    for (let atCall = 1; atCall <= callsMax; atCall += 1) {
      if (!(await play({ atCall, when }))) break;
      crashes += 1;
    }
  }
  return crashes;
}
