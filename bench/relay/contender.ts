/**
 * A contender's process: fresh for each run, so that nobody inherits another's warm caches or memory. Time and CPU count
 * from the job's start; loading the code does not.
 */
import { serveParent } from "../child.ts";
import { ownPeakRssBytes } from "../resources.ts";
import { type Figures, type Job, jobSchema } from "./protocol.ts";

/** Answers what it used when the work was done by other processes than this one. */
export type Contender = (job: Job) => Promise<Omit<Figures, "seconds"> | null>;

/** Loaded one by one, because nobody's memory should hold what only another needs. */
const contenders: Record<string, () => Promise<Contender>> = {
  curl: async () => (await import("./curl.ts")).curl,
  buffered: async () => (await import("./buffered.ts")).buffered,
  "fetch-10": async () => (await import("./fetch-10.ts")).fetch10,
};

await serveParent(jobSchema, async (job): Promise<Figures> => {
  const contender = await contenders[job.contender]?.();
  if (contender === undefined) throw new Error(`there is no contender ${job.contender}`);
  const before = process.cpuUsage();
  const startedMs = performance.now();
  const used = await contender(job);
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(before);
  const own = { cpuSeconds: (user + system) / 1e6, peakRssBytes: ownPeakRssBytes() };
  return { seconds, ...(used ?? own) };
});
