/** What the processes of the cut-through benchmark tell each other. */
import * as z from "zod";
import { linkSchema } from "../upload/protocol.ts";

export const jobSchema = z.object({
  /** Storage keeps its objects here. */
  dir: z.string(),
  bytes: z.number(),
  /** From the creator to storage. */
  link: linkSchema,
  /** The switch: parts are objects of their own, and the relay reads them while others are still to come. */
  isCutThrough: z.boolean(),
  /** Of the video must be in storage before the relay begins. Its first chunk must be there in any case. */
  storedShareAtStart: z.number(),
  chunkAimBytes: z.number(),
  /** Storage's first byte, as a function sees it. */
  firstByteMs: z.number(),
  uploadUrl: z.url(),
});
export type Job = z.infer<typeof jobSchema>;

/** What one video came to. */
export const outcomeSchema = z.object({
  /** From the start of the upload until TikTok has the last byte. */
  seconds: z.number(),
  /** From the start of the upload until it is complete. */
  uploadSeconds: z.number(),
  /** From the relay's begin to its end: what a function is billed for that stays for the whole video. */
  openSeconds: z.number(),
  /** Of these, with a chunk on its way to TikTok. */
  sendSeconds: z.number(),
  chunks: z.number(),
  /** The relay's, to its table: lease, task, checkpoints. */
  tableWrites: z.number(),
  s3Writes: z.number(),
  s3Reads: z.number(),
});
export type Outcome = z.infer<typeof outcomeSchema>;
