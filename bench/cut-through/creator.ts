/**
 * The creator: our client in Node, sending a video by way of the link to whatever storage the API has. The API is the
 * product's own routes; each call to it costs a round trip.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { ByteSource } from "@clipcast/client";
import { createNodeClient } from "@clipcast/client/node";
import { byteAt, contentType, runBytes } from "../relay/protocol.ts";
import { goal } from "../upload/goal.ts";

/** Answers the publication's id once the upload is complete. */
export async function upload(
  api: (request: Request) => Promise<Response>,
  { origin, bytes, roundTripMs }: { origin: string; bytes: number; roundTripMs: number },
): Promise<string> {
  const client = createNodeClient({
    baseUrl: origin,
    fetch: async (...request) => {
      await delay(roundTripMs);
      return api(new Request(...request));
    },
  });
  const { contentType: _, ...rest } = goal;
  return (await client.upload(videoOf(bytes), rest).done).id;
}

/** As many runs as there are values: from here on the content repeats itself. */
const periodBytes = runBytes * 251;
/** As much as is read from a file at once. */
const readBytes = 1024 * 1024;

/** The content that the sink looks for, made when it is read: the disk of whoever runs this is not what is measured. */
export function videoOf(size: number): ByteSource {
  const pattern = Buffer.alloc(periodBytes + readBytes);
  for (let at = 0; at < pattern.length; at += runBytes) pattern.fill(byteAt(at), at, at + runBytes);
  return {
    name: "video.mp4",
    contentType,
    size,
    isIntact: async () => true,
    slice: (firstByte, bytes) => read(pattern, firstByte, bytes),
  };
}

async function* read(pattern: Buffer, firstByte: number, bytes: number) {
  for (let sent = 0; sent < bytes; sent += readBytes) {
    const at = (firstByte + sent) % periodBytes;
    yield pattern.subarray(at, at + Math.min(readBytes, bytes - sent));
  }
}
