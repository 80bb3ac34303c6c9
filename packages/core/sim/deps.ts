/** What a function of a simulated life is given: the ports, some of them failing, and what cannot fail. */
import type { Clock, Log, Random } from "../src/system/index.ts";
import type { Ports } from "./faulty.ts";

export type Deps = Ports & {
  clock: Clock;
  random: Random;
  log: Log;
  settings: { maxFileBytes: number };
};
