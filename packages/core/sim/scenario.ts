/** What a scenario of the faults is, and what its lives have in common. */
import { directPost } from "./creator.ts";
import type { Process, ProcessKind } from "./process.ts";
import type { World } from "./world.ts";

export interface Scenario {
  name: string;
  /** Time that one chunk takes. */
  chunkMs: number;
  /** Time that TikTok takes for an outcome. */
  outcomeMs: number;
  /** When a webhook comes after its event; null: never. */
  hookMs: number | null;
  /** Whether the process that starts now is the one to break. */
  isSubject(process: Process, world: World): boolean;
  /** Calls after which other processes die: how messages are brought to their end. */
  diesAfter?(process: Process, call: string, world: World): boolean;
  live(world: World): Promise<void>;
}

export const openId = "-000creator1";

export const post = directPost(true);

export const calm = { chunkMs: 1_000, outcomeMs: 3_000, hookMs: null };

export function nth(kind: ProcessKind, ...numbers: number[]): (process: Process) => boolean {
  const names = numbers.map((number) => `${kind}#${number}`);
  return (process) => names.includes(process.name);
}
