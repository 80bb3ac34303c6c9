/** What a host in a process of its own and the program that torments it say to each other, over Node's IPC channel. */
import * as z from "zod";

export const orderSchema = z.object({
  id: z.number(),
  call: z.enum(["kill", "invoke", "stop"]),
  functionName: z.string(),
  /** For `kill`: from the function's next sign of life. */
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
    dynamodb: z.string(),
  }),
  tableName: z.string(),
  bucketName: z.string(),
});
export type Started = z.infer<typeof startedSchema>;

export const noteSchema = z.discriminatedUnion("type", [
  startedSchema,
  z.object({ type: z.literal("done"), id: z.number(), value: z.number() }),
  z.object({ type: z.literal("failed"), id: z.number(), message: z.string() }),
  z.object({ type: z.literal("problem"), message: z.string() }),
]);
export type Note = z.infer<typeof noteSchema>;

export const hostOptionsSchema = z.object({
  dir: z.string(),
  port: z.number(),
  sandboxPort: z.number(),
  s3Port: z.number(),
});
export type HostOptions = z.infer<typeof hostOptionsSchema>;
