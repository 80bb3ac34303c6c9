/**
 * Sealing everything anew, after the key's material has been rotated or the key replaced.
 *
 * ```
 * run on record? ─ unfinished ─▶ go on behind its last page
 *       │ none, or finished
 *       ▼
 * every account, page by page ─ page done ─▶ record where we are ─▶ … ─▶ live upload URLs ─▶ finished
 * ```
 * Tokens live a year and are in no index, so this is the one operation that scans the table. Upload URLs live an hour and are
 * found in the `due` index; login verifiers live ten minutes and are left to end. A crash repeats one page, which is harmless.
 */
import * as z from "zod/mini";
import { resealTokens } from "../auth/index.ts";
import { FatalError, VisibleError } from "../errors/index.ts";
import { dueShards, isSettled, loadByKey } from "../publications/index.ts";
import { resealUploadUrl } from "../publishing/index.ts";
import type { Clock } from "../system/index.ts";
import { type Key, load, type Stored, save, type TableDeps } from "../table/index.ts";
import type { TableScanner } from "./scan.ts";
import type { Resealer } from "./seal-kms.ts";

const resealingSchema = z.object({
  startedAtMs: z.number(),
  finishedAtMs: z.nullable(z.number()),
  /** The last key of the last page that is done. */
  after: z.nullable(z.object({ pk: z.string(), sk: z.string() })),
  rows: z.number(),
  accounts: z.number(),
  uploads: z.number(),
  /** Accounts whose tokens no key opens: their creators have to connect again. */
  unsealable: z.number(),
});
export type Resealing = z.infer<typeof resealingSchema>;

type SealDeps = TableDeps & { clock: Clock; scanner: TableScanner; resealer: Resealer };

const key: Key = { pk: "OPERATION", sk: "RESEAL" };
const pageRows = 500;
/** 50 million rows. */
const pagesMax = 100_000;
/** KMS takes thousands of calls a second; this leaves them to the functions. */
const atOnce = 8;
/** Relays under way at one time, per shard. */
const uploadsPerShard = 1_000;
/** Every lease, message and wait of a task that has a living URL is due within an hour. */
const uploadHorizonMs = 3_600_000;

/** `isFresh` begins anew although an unfinished run is on record. Throws `reseal_busy` when another one is at work. */
export async function resealAll(
  deps: SealDeps,
  input: {
    isFresh: boolean;
    onProgress: (resealing: Resealing) => void;
    onUnsealable: (key: Key) => void;
  },
): Promise<Resealing> {
  let run = await begin(deps, input.isFresh);
  const reseal = (sealed: string, context: Record<string, string>) =>
    deps.resealer.reseal(sealed, context);
  for (let page = 0; page < pagesMax; page += 1) {
    const { keys, next } = await deps.scanner.page({ limit: pageRows, after: run.value.after });
    const accounts = keys.filter(({ sk }) => sk.startsWith("ACCOUNT#"));
    const done = await eachOf(
      accounts,
      (account) => resealTokens(deps, account, reseal),
      input.onUnsealable,
    );
    const value = {
      ...run.value,
      after: next,
      rows: run.value.rows + keys.length,
      accounts: run.value.accounts + done.resealed,
      unsealable: run.value.unsealable + done.unsealable,
    };
    if (next === null) return finish(deps, run, value, input);
    run = await record(deps, run, value);
    input.onProgress(run.value);
  }
  throw new VisibleError("conflict", "reseal_unfinished", "There is more to do: run it again.");
}

async function finish(
  deps: SealDeps,
  run: Stored<Resealing>,
  value: Resealing,
  input: { onProgress: (resealing: Resealing) => void; onUnsealable: (key: Key) => void },
): Promise<Resealing> {
  const nowMs = deps.clock.nowMs();
  const pages = await Promise.all(
    dueShards.map((shard) =>
      deps.table.due({ shard, untilMs: nowMs + uploadHorizonMs, limit: uploadsPerShard }),
    ),
  );
  const done = await eachOf(
    pages.flat(),
    async (publicationKey) => {
      const stored = await loadByKey(deps, publicationKey);
      if (stored === null || isSettled(stored.value.status)) return false;
      return resealUploadUrl(deps, stored, (sealed, context) =>
        deps.resealer.reseal(sealed, context),
      );
    },
    input.onUnsealable,
  );
  const uploads = done.resealed;
  const finished = await record(deps, run, { ...value, uploads, finishedAtMs: deps.clock.nowMs() });
  input.onProgress(finished.value);
  return finished.value;
}

async function begin(deps: SealDeps, isFresh: boolean): Promise<Stored<Resealing>> {
  const known = await load(deps, resealingSchema, key);
  if (known !== null && known.value.finishedAtMs === null && !isFresh) return known;
  return record(deps, known ?? { key, version: 0 }, {
    startedAtMs: deps.clock.nowMs(),
    finishedAtMs: null,
    after: null,
    rows: 0,
    accounts: 0,
    uploads: 0,
    unsealable: 0,
  });
}

async function record(
  deps: SealDeps,
  previous: Pick<Stored<Resealing>, "key" | "version">,
  value: Resealing,
): Promise<Stored<Resealing>> {
  const stored = await save(deps, resealingSchema, previous, value);
  if (stored !== null) return stored;
  throw new VisibleError(
    "conflict",
    "reseal_busy",
    "Somebody else is sealing anew at this moment.",
  );
}

/** `work` answers whether there was something to seal. */
async function eachOf(
  keys: Key[],
  work: (key: Key) => Promise<boolean>,
  onUnsealable: (key: Key) => void,
): Promise<{ resealed: number; unsealable: number }> {
  const count = { resealed: 0, unsealable: 0 };
  const one = async (each: Key) => {
    try {
      if (await work(each)) count.resealed += 1;
    } catch (error) {
      if (!(error instanceof FatalError)) throw error;
      count.unsealable += 1;
      onUnsealable(each);
    }
  };
  for (let first = 0; first < keys.length; first += atOnce) {
    await Promise.all(keys.slice(first, first + atOnce).map(one));
  }
  return count;
}
