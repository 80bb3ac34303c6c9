/** What a host in a process of its own and the program that started it say to each other, over Node's IPC channel. */
import * as z from "zod";

export const orderSchema = z.object({
  id: z.number(),
  /** `await-life` answers soon after the function's next sign of life; `kill` does so as well, and kills then. */
  call: z.enum(["await-life", "kill", "invoke", "counts", "stop"]),
  functionName: z.string(),
  /** From the function's next sign of life to the answer. */
  aimMs: z.number(),
});
export type Order = z.infer<typeof orderSchema>;

export const startedSchema = z.object({
  type: z.literal("started"),
  url: z.string(),
  sandboxUrl: z.string(),
  s3Url: z.string(),
  endpoints: z.object({
    region: z.string(),
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
    s3: z.string(),
    sqs: z.string(),
    dynamodb: z.string(),
  }),
  tableName: z.string(),
  bucketName: z.string(),
  relayQueueUrl: z.string(),
  deadQueueUrl: z.string(),
});
export type Started = z.infer<typeof startedSchema>;

/** Since the host started. */
export const countsSchema = z.object({
  /** Lines of the functions' logs, by `Function event detail`. */
  events: z.record(z.string(), z.number()),
  relay: z.object({
    invocations: z.number(),
    errors: z.number(),
    throttles: z.number(),
    peakRssBytes: z.number(),
  }),
});
export type Counts = z.infer<typeof countsSchema>;

export const noteSchema = z.discriminatedUnion("type", [
  startedSchema,
  z.object({ type: z.literal("done"), id: z.number(), value: z.unknown() }),
  z.object({ type: z.literal("failed"), id: z.number(), message: z.string() }),
  z.object({ type: z.literal("problem"), message: z.string() }),
]);
export type Note = z.infer<typeof noteSchema>;

/** Those of the sandbox's knobs that trials turn; the sandbox judges the values. */
const knobsSchema = z.partialRecord(
  z.enum([
    "processingMs",
    "processingMsPerGb",
    "moderationMs",
    "postsPerDayMax",
    "activeCreatorsPerDayMax",
    "creatorInfoPerMinute",
    "retainVideoBytes",
  ]),
  z.number(),
);
export type TrialKnobs = z.infer<typeof knobsSchema>;

export const hostOptionsSchema = z.object({
  dir: z.string(),
  port: z.number(),
  sandboxPort: z.number(),
  s3Port: z.number(),
  knobs: knobsSchema,
  /** Takes what everybody prints and every secret that was handed out; null keeps neither. */
  recordDir: z.string().nullable(),
});
export type HostOptions = z.infer<typeof hostOptionsSchema>;
