/** What the processes of the poller benchmark tell each other. */
import * as z from "zod";

export const dynamoSchema = z.object({ dir: z.string(), tables: z.array(z.string()) });
export const addressSchema = z.object({ url: z.url() });

export const pollJobSchema = z.object({
  url: z.url(),
  table: z.string(),
  /** What TikTok takes for each answer. */
  latencyMs: z.number(),
  deadlineMs: z.number(),
});

export const pollAnswerSchema = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  peakRssBytes: z.number(),
  seen: z.number(),
  failed: z.number(),
  settled: z.number(),
  /** Requests to DynamoDB by their names. */
  calls: z.record(z.string(), z.number()),
  readUnits: z.number(),
  writeUnits: z.number(),
});
export type PollAnswer = z.infer<typeof pollAnswerSchema>;
