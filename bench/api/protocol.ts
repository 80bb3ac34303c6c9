/** What the benchmark and the process that plays its users tell each other. */
import * as z from "zod";

export const usersJobSchema = z.object({
  url: z.url(),
  sandboxUrl: z.url(),
  users: z.number(),
  seconds: z.number(),
});
export type UsersJob = z.infer<typeof usersJobSchema>;

/** Each call by what was called: when it began, since they all began, and how long it took. */
export const usersAnswerSchema = z.object({
  calls: z.record(z.string(), z.array(z.object({ atMs: z.number(), durationMs: z.number() }))),
  failures: z.number(),
});
export type UsersAnswer = z.infer<typeof usersAnswerSchema>;

export const callNames = ["health", "status", "sign"] as const;
export type CallName = (typeof callNames)[number];
