/**
 * What can be said without running anything: how long both ways take by link and size, whether TikTok's hour is enough,
 * and what the relay costs. Pure.
 */
import { planChunks } from "@clipcast/core/publishing";
import { prices } from "../cost/prices.ts";
import type { Job, Outcome } from "./protocol.ts";

/** TikTok's answer to a chunk, as `bench relay --latency` has it. */
export const answerMs = 80;

export interface Legs {
  bytes: number;
  /** From the creator to storage, and from storage to TikTok. */
  upBytesPerSecond: number;
  onBytesPerSecond: number;
}

/** On ideal links, for a relay that never waits for anything but bytes and answers. */
export function idealSeconds(legs: Legs, way: Pick<Job, "isCutThrough" | "chunkAimBytes">): number {
  const { bytes, upBytesPerSecond, onBytesPerSecond } = legs;
  const { chunkBytes, chunkCount } = planChunks(bytes, way.chunkAimBytes);
  const uploadSeconds = bytes / upBytesPerSecond;
  const forwardSeconds = bytes / onBytesPerSecond + (chunkCount * answerMs) / 1000;
  if (!way.isCutThrough) return uploadSeconds + forwardSeconds;
  const lastBytes = bytes - (chunkCount - 1) * chunkBytes;
  const afterUpload = uploadSeconds + lastBytes / onBytesPerSecond + answerMs / 1000;
  // The slower leg sets the pace; the other one adds what it cannot do at the same time.
  return Math.max(afterUpload, chunkBytes / upBytesPerSecond + forwardSeconds);
}

/** Beginning with so much of the video in storage, a relay comes to the end together with the upload. */
export function lateShare({ upBytesPerSecond, onBytesPerSecond }: Omit<Legs, "bytes">): number {
  return Math.max(0, 1 - upBytesPerSecond / onBytesPerSecond);
}

/** An upload URL's whole life (direct post reference, `upload_url`), less the minute in which core begins nothing new. */
const urlSeconds = 3_600 - 60;

/** How much of the video is at TikTok when the URL ends, if it was begun with the first chunk. What is less than 1 is sent in vain. */
export function shareInUrlLife({
  bytes,
  upBytesPerSecond,
}: Omit<Legs, "onBytesPerSecond">): number {
  return Math.min(1, (planChunks(bytes).chunkBytes + urlSeconds * upBytesPerSecond) / bytes);
}

/** The relay's memory in infra/relay.ts. */
const relayMemoryGb = 0.5;
/** A record of up to 2 kB, and its entry in the index moved. */
const unitsPerWrite = 4;
/** What an invocation does beside sending: turn, lease, token, and all of it given back. Taken, not measured. */
const callSeconds = 0.1;
const writesPerCall = 6;
/** Sent, received and deleted. */
const messagesPerCall = 3;

export function gbSecondsUsd(seconds: number): number {
  return seconds * relayMemoryGb * prices.lambdaGbSecond;
}

/** Requests to storage, and a relay that stays for the whole video; dollars per video. */
export function heldUsd(outcome: Outcome): number {
  return (
    storageUsd(outcome) +
    gbSecondsUsd(outcome.openSeconds) +
    outcome.tableWrites * unitsPerWrite * prices.dynamoWriteUnit
  );
}

/** The same for a relay that is called when a chunk is there, and leaves when it is sent. */
export function calledUsd(outcome: Outcome): number {
  const perCall =
    gbSecondsUsd(callSeconds) +
    prices.lambdaRequest +
    messagesPerCall * prices.sqsRequest +
    writesPerCall * unitsPerWrite * prices.dynamoWriteUnit;
  return storageUsd(outcome) + gbSecondsUsd(outcome.sendSeconds) + outcome.chunks * perCall;
}

function storageUsd({ s3Writes, s3Reads }: Outcome): number {
  return s3Writes * prices.s3Write + s3Reads * prices.s3Read;
}
