/**
 * Whether a file is the one that an upload began with: some of the parts that storage has are read and compared.
 *
 * The first and the last, because tools that touch a video's description change its ends, and a few drawn by lot, because
 * another video of the same length differs everywhere. Reading them all would cost as long as an upload on a fast link.
 */
import type { PartsResponse } from "@clipcast/functions/contract";
import { checksumOf, type Reading } from "./checksums.ts";
import { UploadError } from "./errors.ts";
import type { Runtime } from "./runtime.ts";

const drawnCount = 4;

type StoredPart = PartsResponse["parts"][number];

/** Throws `file_changed` when they differ. */
export async function verifyFile(
  context: Reading & { runtime: Pick<Runtime, "random"> },
  partBytes: number,
  stored: readonly StoredPart[],
): Promise<void> {
  for (const { partNumber, bytes, crc32 } of sampleOf(stored, context.runtime.random)) {
    const part = { partNumber, firstByte: (partNumber - 1) * partBytes, bytes };
    if ((await checksumOf(context, part)) !== crc32) {
      throw new UploadError("file_changed", "The file is not what it was when the upload began.");
    }
  }
}

export function sampleOf<T>(parts: readonly T[], random: () => number): T[] {
  const drawn = new Set<T>([...parts.slice(0, 1), ...parts.slice(-1)]);
  const others = parts.slice(1, -1);
  for (let count = Math.min(drawnCount, others.length); count > 0; count -= 1) {
    const [taken] = others.splice(Math.floor(random() * others.length), 1);
    if (taken !== undefined) drawn.add(taken);
  }
  return [...drawn];
}
