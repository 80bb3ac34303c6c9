/**
 * How long a user with a single video waits while another user's hundreds are under way.
 *
 * TikTok takes its time over each chunk of the noisy user (a fault of the sandbox), so that the relay's slots are busy
 * whatever the machine can do. Every single video is then measured from the moment in which its user asked for the post
 * to its first byte at TikTok, alone and amid the noise. At most one chunk's time may lie between the two; and of the
 * noisy user's videos no more may begin meanwhile than the relay has slots.
 */
import { setTimeout as delay } from "node:timers/promises";
import { readTikTokSide } from "../demo/tiktok-side.ts";
import type { System } from "../trial/system.ts";
import { planNoise, type VideoPlan } from "./plan.ts";
import { type Submission, submit, submitAll } from "./submit.ts";
import { createTurnstile } from "./turnstile.ts";
import { connectUsers, type User } from "./users.ts";

export interface FairnessOptions {
  /** Of the noisy user. */
  videos: number;
  bytes: number;
  /** What TikTok takes for one of their chunks. */
  chunkMs: number;
  /** Single videos that are measured. */
  samples: { alone: number; amid: number };
  /** The first number that no video of the run has yet. */
  firstNumber: number;
  say(line: string): void;
}

export interface Fairness {
  videos: number;
  /** One noisy chunk, as it was seen. */
  chunkMs: number;
  aloneMs: number[];
  amid: Wait[];
  /** The worst of the waits beyond the one alone, in chunk times. */
  figure: number;
}

export interface Wait {
  waitMs: number;
  /** Noisy videos whose first byte came while this one waited. */
  passedBy: number;
  /** Noisy videos that still had to wait then. */
  leftBehind: number;
}

const lookEveryMs = 100;
const patienceMs = 10 * 60_000;

export async function measureFairness(
  system: System,
  options: FairnessOptions,
): Promise<{ submissions: Submission[]; fairness: Fairness }> {
  const place = system.place();
  const { alone, amid } = options.samples;
  const open = createTurnstile();
  open.open();
  const quiet = await connectUsers({
    place,
    name: "quiet",
    count: alone + amid,
    accountsEach: 1,
    turnstile: open,
  });
  const singles: Submission[] = [];
  const publishNext = async () => {
    const video = singleVideo(options, singles.length);
    const one = await submit(quiet, video, open).submitted;
    singles.push(one);
    await untilSent(quiet[video.userIndex], one);
  };
  for (let n = 0; n < alone; n += 1) await publishNext();

  const noisy = await makeNoise(system, options);
  for (let n = 0; n < amid; n += 1) await publishNext();
  options.say("fairness: measured; the noisy user's videos go on at full speed");
  await clearFaults(place.sandboxUrl);
  for (const one of noisy.submissions) await untilSent(noisy.user, one);

  const { tasks } = await readTikTokSide(place.sandboxUrl);
  const chunksBySha = new Map(tasks.map(({ sha256, chunks }) => [sha256, chunks]));
  const firstByteMs = ({ sha256 }: Submission) =>
    chunksBySha.get(sha256)?.[0]?.firstByteAtMs ?? Number.NaN;
  const measured = singles.map((one) => ({
    submittedAtMs: one.submittedAtMs ?? Number.NaN,
    firstByteMs: firstByteMs(one),
  }));
  const travelMs = noisy.submissions.flatMap(({ sha256 }) =>
    (chunksBySha.get(sha256) ?? []).map((chunk) => chunk.lastByteAtMs - chunk.firstByteAtMs),
  );
  return {
    submissions: [...singles, ...noisy.submissions],
    fairness: compare({
      alone: measured.slice(0, alone),
      amid: measured.slice(alone),
      noisyFirstByteMs: noisy.submissions.map(firstByteMs),
      chunkMs: options.chunkMs + median(travelMs),
    }),
  };
}

interface Measured {
  submittedAtMs: number;
  firstByteMs: number;
}

/** Pure. */
export function compare(input: {
  alone: Measured[];
  amid: Measured[];
  noisyFirstByteMs: number[];
  chunkMs: number;
}): Fairness {
  const { noisyFirstByteMs, chunkMs } = input;
  const waitMs = (one: Measured) => one.firstByteMs - one.submittedAtMs;
  const aloneMs = input.alone.map(waitMs);
  const amid = input.amid.map((one) => ({
    waitMs: waitMs(one),
    passedBy: noisyFirstByteMs.filter((ms) => ms > one.submittedAtMs && ms < one.firstByteMs)
      .length,
    leftBehind: noisyFirstByteMs.filter((ms) => ms > one.firstByteMs).length,
  }));
  const worstMs = Math.max(...amid.map((one) => one.waitMs));
  const extraMs = Math.max(0, worstMs - median(aloneMs));
  const figure = Math.round((100 * extraMs) / chunkMs) / 100;
  return { videos: noisyFirstByteMs.length, chunkMs, aloneMs, amid, figure };
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function makeNoise(
  system: System,
  { videos, bytes, chunkMs, samples, firstNumber, say }: FairnessOptions,
): Promise<{ user: User | undefined; submissions: Submission[] }> {
  const place = system.place();
  const singles = samples.alone + samples.amid;
  const plan = planNoise({ count: videos, bytes, firstNumber: firstNumber + singles });
  const turnstile = createTurnstile();
  const users = await connectUsers({
    place,
    name: "noisy",
    count: 1,
    accountsEach: plan.accounts,
    turnstile,
  });
  for (const creator of users.flatMap(({ usernames }) => usernames)) {
    await slowDown(place.sandboxUrl, creator, chunkMs);
  }
  const submissions = await submitAll({
    users,
    videos: plan.videos,
    turnstile,
    onStored: () => undefined,
    onAllStored: () => say(`fairness: ${videos} videos of one user are submitted`),
  });
  return { user: users[0], submissions };
}

function singleVideo({ bytes, firstNumber }: FairnessOptions, index: number): VideoPlan {
  const number = firstNumber + index;
  return { name: `single-${index}`, number, bytes, userIndex: index, accountIndex: 0 };
}

/** All bytes are with TikTok, or it has ended otherwise. */
async function untilSent(user: User | undefined, { name, publicationId }: Submission) {
  if (user === undefined || publicationId === null) throw new Error(`${name} was not submitted`);
  const endMs = performance.now() + patienceMs;
  while (performance.now() < endMs) {
    const { status } = await user.client.api.status(publicationId);
    if (status !== "queued" && status !== "relaying") return;
    await delay(lookEveryMs);
  }
  throw new Error(`${name} did not reach TikTok in time`);
}

async function slowDown(sandboxUrl: string, creator: string, delayMs: number): Promise<void> {
  const rule = { operation: "upload", kind: "delay", delayMs, creator, times: null };
  const made = await fetch(`${sandboxUrl}/sandbox/api/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(rule),
  });
  if (!made.ok) throw new Error(`the sandbox refused a delay: ${made.status}`);
}

async function clearFaults(sandboxUrl: string): Promise<void> {
  await fetch(`${sandboxUrl}/sandbox/api/faults`, { method: "DELETE" });
}
