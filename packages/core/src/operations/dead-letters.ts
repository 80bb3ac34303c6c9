/**
 * What was given up after its receives were spent, and giving it another chance. A record outlives what it tells of, so
 * each is read together with its publication as that stands now.
 */
import { VisibleError } from "../errors/index.ts";
import { isRetryable, loadPublication, type Publication } from "../publications/index.ts";
import { type ApplyDeps, type DeadLetter, deadLetters, retry } from "../publishing/index.ts";
import type { Stored, TableDeps } from "../table/index.ts";

/** `moved_on`: another attempt has begun, or the publication has gone on by itself. */
export type Standing = "redrivable" | "final" | "moved_on";

export interface BuriedLetter extends DeadLetter {
  standing: Standing;
  /** The publication's status now; null when it is gone. */
  status: Publication["status"] | null;
  why: string;
  /** When the video is removed and a redrive is no longer possible. */
  untilMs: number | null;
}

export interface Redriven extends BuriedLetter {
  isRedriven: boolean;
}

const pageLetters = 100;
/** Two weeks of dead letters in a very bad month; more are cut off. */
const pagesMax = 100;

/** The oldest publication first; null asks for all. */
export async function listDead(
  deps: TableDeps,
  publicationId: string | null = null,
): Promise<BuriedLetter[]> {
  const letters: BuriedLetter[] = [];
  await eachLetter(deps, publicationId, async (letter) => {
    letters.push(await standingOf(deps, letter.value));
  });
  return letters;
}

/**
 * A new attempt for each that may have one; what has moved on is struck off the list. Repeating it after a lost answer does
 * nothing twice: the attempt on the record tells a redriven publication from one that is still dead.
 */
export async function redrive(
  deps: ApplyDeps,
  publicationId: string | null,
  onRedriven: (letter: Redriven) => void = () => undefined,
): Promise<Redriven[]> {
  const all: Redriven[] = [];
  await eachLetter(deps, publicationId, async (letter) => {
    const redriven = await redriveOne(deps, letter);
    onRedriven(redriven);
    all.push(redriven);
  });
  return all;
}

async function redriveOne(deps: ApplyDeps, letter: Stored<DeadLetter>): Promise<Redriven> {
  const before = await standingOf(deps, letter.value);
  if (before.standing === "final") return { ...before, isRedriven: false };
  let isRedriven = false;
  if (before.standing === "redrivable") {
    try {
      await retry(deps, letter.value);
      isRedriven = true;
    } catch (error) {
      // The creator was faster, or the poller has just removed the video.
      if (!(error instanceof VisibleError)) throw error;
      const now = await standingOf(deps, letter.value);
      if (now.standing !== "moved_on") return { ...now, isRedriven: false };
    }
  }
  // The attempt comes first: a crash in between leaves a record that reads as moved on.
  await deps.table.remove(letter.key, letter.version);
  return { ...before, isRedriven };
}

async function standingOf(deps: TableDeps, letter: DeadLetter): Promise<BuriedLetter> {
  const stored = await loadPublication(deps, letter);
  const publication = stored?.value ?? null;
  const status = publication?.status ?? null;
  if (publication === null || publication.attempt !== letter.attempt || status !== "failed") {
    const why =
      publication === null ? "It is gone." : `It is ${status}, attempt ${publication.attempt}.`;
    return { ...letter, status, standing: "moved_on", why, untilMs: null };
  }
  if (isRetryable(publication)) {
    const why = "The video is still stored.";
    return { ...letter, status, standing: "redrivable", why, untilMs: publication.dueAtMs };
  }
  const { failure } = publication;
  const why =
    failure?.isRetryable === false
      ? failure.message
      : "The video is no longer stored; the creator has to upload it again.";
  return { ...letter, status, standing: "final", why, untilMs: null };
}

async function eachLetter(
  deps: TableDeps,
  publicationId: string | null,
  work: (letter: Stored<DeadLetter>) => Promise<void>,
): Promise<void> {
  let after: string | null = null;
  for (let page = 0; page < pagesMax; page += 1) {
    const found: Awaited<ReturnType<typeof deadLetters>> = await deadLetters(deps, {
      publicationId,
      limit: pageLetters,
      after,
    });
    for (const letter of found.letters) await work(letter);
    if (found.next === null) return;
    after = found.next;
  }
}
