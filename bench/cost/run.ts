/** To be written. */
import type { BenchOptions, Reported } from "../report.ts";
export async function benchCost(_options: BenchOptions): Promise<Reported[]> {
  return [];
}
