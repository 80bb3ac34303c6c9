/** To be written. */
import type { BenchOptions, Reported } from "../report.ts";
export async function benchPoller(_options: BenchOptions): Promise<Reported[]> {
  return [];
}
