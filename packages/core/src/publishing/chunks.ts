/**
 * How a file is cut into TikTok's chunks, inside both readings of "MB" (media transfer guide, "Chunk restrictions"):
 * a chunk has 5 to 64 MB, all but the last are equal, the last takes the rest, the count is floor(size / chunk) and at
 * most 1,000, and a single chunk is the whole file.
 */
import * as z from "zod/mini";
import { assert } from "../errors/index.ts";
import { type Key, load, type TableDeps, update } from "../table/index.ts";
import type { ChunkPlan } from "../tiktok/index.ts";

/** 5 MiB: the minimum in the stricter reading. */
const chunkBytesMin = 5_242_880;
/** 64 MB in the stricter, decimal reading; also the most that one whole file may have. */
const chunkBytesMax = 64_000_000;
const chunkCountMax = 1_000;

/**
 * The sizes to aim at, best first. Fewer chunks cost less waiting; the smaller ones are for the day on which TikTok
 * tightens its rules, as it did in August 2026.
 */
export const chunkAims = [63_000_000, 32_000_000, 10_000_000, chunkBytesMin] as const;

/** The plan for one of `chunkAims`. `chunkCount` chunks; each but the last has exactly `chunkBytes`. */
export function planChunks(bytes: number, aimBytes: number = chunkAims[0]): ChunkPlan {
  assert(Number.isSafeInteger(bytes) && bytes > 0, "a file has a size");
  const wholeBytesMax = aimBytes === chunkAims[0] ? chunkBytesMax : aimBytes;
  if (bytes <= wholeBytesMax) return { chunkBytes: bytes, chunkCount: 1 };
  // Never so many that a chunk falls below the minimum: then fewer and larger ones are the only legal plan.
  const chunkCount = Math.min(
    Math.ceil(bytes / aimBytes),
    Math.floor(bytes / chunkBytesMin),
    chunkCountMax,
  );
  if (chunkCount <= 1) return { chunkBytes: bytes, chunkCount: 1 };
  return { chunkBytes: Math.floor(bytes / chunkCount), chunkCount };
}

/** Bytes of the chunk that begins at `firstByte`, both ends inclusive. Null when it is no boundary of the plan. */
export function chunkAt(
  plan: ChunkPlan,
  totalBytes: number,
  firstByte: number,
): { firstByte: number; lastByte: number; isLast: boolean } | null {
  const chunkIndex = firstByte / plan.chunkBytes;
  if (!Number.isInteger(chunkIndex) || chunkIndex >= plan.chunkCount) return null;
  const isLast = chunkIndex === plan.chunkCount - 1;
  const lastByte = isLast ? totalBytes - 1 : firstByte + plan.chunkBytes - 1;
  return { firstByte, lastByte, isLast };
}

const ruleSchema = z.object({ aimBytes: z.number() });
const ruleKey: Key = { pk: "STAGE", sk: "CHUNK_RULE" };

/** The aims to try, beginning with what TikTok accepted last on this stage. */
export async function aimsToTry(deps: TableDeps): Promise<number[]> {
  const rule = await load(deps, ruleSchema, ruleKey);
  const accepted = rule?.value.aimBytes ?? chunkAims[0];
  const smaller = chunkAims.filter((aim) => aim <= accepted);
  return smaller.length > 0 ? smaller : [...chunkAims];
}

export async function rememberAim(deps: TableDeps, aimBytes: number): Promise<void> {
  await update(deps, ruleSchema, ruleKey, (rule) =>
    rule?.aimBytes === aimBytes ? null : { aimBytes },
  );
}
