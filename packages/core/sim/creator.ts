/**
 * The people of a simulated life: they log in, upload, complete, cancel, disconnect, and try again when a request is
 * lost. They live in browsers, outside of every process.
 */
import {
  beginLogin,
  disconnect,
  findSession,
  finishLogin,
  refreshAccount,
} from "../src/auth/index.ts";
import { VisibleError } from "../src/errors/index.ts";
import type { PostSettings } from "../src/post/index.ts";
import type { Publication } from "../src/publications/index.ts";
import { cancel, retry, sendRelay } from "../src/publishing/index.ts";
import { begin, complete, partRange, signParts, visible } from "../src/uploads/index.ts";
import type { Deps } from "./deps.ts";
import type { World } from "./world.ts";

export function directPost(isPublic: boolean): PostSettings {
  return {
    mode: "direct",
    title: "Harbour at dawn",
    privacyLevel: isPublic ? "PUBLIC_TO_EVERYONE" : "SELF_ONLY",
    allowComment: true,
    allowDuet: false,
    allowStitch: false,
    disclosure: { yourBrand: false, brandedContent: false },
    isAiGenerated: false,
  };
}

/** A request that is lost is tried again this often; the creator then gives up. */
const triesMax = 12;
const retryAfterMs = 3_000;

export type Answer<T> =
  | { type: "ok"; value: T }
  | { type: "refused"; code: string }
  | { type: "lost" };

/** One request, answered or not. */
export function ask<T>(world: World, work: (deps: Deps) => Promise<T>): Promise<Answer<T>> {
  return new Promise((resolve) => {
    let answer: Answer<T> = { type: "lost" };
    world.start(
      "api",
      async (deps) => {
        answer = { type: "ok", value: await work(deps) };
      },
      (end, error) => {
        if (end === "failed") answer = refusalOf(error);
        if (end === "died") answer = { type: "lost" };
        resolve(answer);
      },
    );
  });
}

function refusalOf(error: unknown): { type: "refused"; code: string } | { type: "lost" } {
  if (error instanceof VisibleError) {
    const isPassing = error.kind === "unavailable" || error.kind === "too-many";
    return isPassing ? { type: "lost" } : { type: "refused", code: error.code };
  }
  return { type: "lost" };
}

/** Asks until there is an answer, and null when there never is one. */
export async function insist<T>(
  world: World,
  work: (deps: Deps) => Promise<T>,
): Promise<Exclude<Answer<T>, { type: "lost" }> | null> {
  for (let tries = 1; tries <= triesMax; tries += 1) {
    const answer = await ask(world, work);
    if (answer.type !== "lost") return answer;
    await world.pause(retryAfterMs * tries);
  }
  return null;
}

/** Answers the user, or null when the login did not work. */
export async function login(world: World, openId: string): Promise<string | null> {
  for (let tries = 1; tries <= triesMax; tries += 1) {
    const answer = await tryLogin(world, openId);
    if (answer !== null) return answer;
    await world.pause(retryAfterMs * tries);
  }
  return null;
}

async function tryLogin(world: World, openId: string): Promise<string | null> {
  const begun = await ask(world, (deps) =>
    beginLogin(deps, { returnTo: "/", userId: null, usesPkce: true }),
  );
  if (begun.type !== "ok") return null;
  const { redirectUrl, browser } = begun.value;
  const state = new URL(redirectUrl).searchParams.get("state") ?? "";
  const code = `code-${openId}`;
  const callback = { state, code, error: undefined, errorType: undefined };
  const finished = await ask(world, (deps) => finishLogin(deps, { callback, browser }));
  if (finished.type !== "ok") return null;
  const found = await ask(world, (deps) => findSession(deps, finished.value.session));
  return found.type === "ok" ? found.value.userId : null;
}

export interface Video {
  userId: string;
  openId: string;
  /** No two videos of a life have the same size. */
  bytes: number;
  post: PostSettings;
}

/** Begins and uploads all parts. Null when the creator is refused or gives up. */
export async function upload(
  world: World,
  video: Video,
  options: { partsMs: number; missingPart: number | null },
): Promise<Publication | null> {
  const { userId, openId, bytes, post } = video;
  const begun = await insist(world, (deps) =>
    begin(deps, {
      userId,
      openId,
      file: { name: "harbour.mp4", bytes, contentType: "video/mp4" },
      post,
      consentTextVersion: "2026-11",
      idempotencyKey: `video-${bytes}`,
    }),
  );
  if (begun?.type !== "ok") return null;
  const publication = begun.value.value;
  const ids = { userId, publicationId: publication.id };
  await insist(world, (deps) =>
    signParts(deps, { ...ids, parts: [{ partNumber: 1, crc32: "AAAAAA==" }] }),
  );
  await world.pause(options.partsMs);
  for (let partNumber = 1; partNumber <= publication.upload.partCount; partNumber += 1) {
    if (partNumber !== options.missingPart) putPart(world, publication, partNumber);
  }
  return publication;
}

export function putPart(world: World, { upload, file }: Publication, partNumber: number): void {
  const range = partRange({ ...upload, bytes: file.bytes }, partNumber);
  world.storage.putPart(upload.uploadId ?? "", partNumber, range.bytes);
}

export function finish(world: World, { userId, id }: Publication): Promise<Answer<unknown>> {
  return ask(world, (deps) =>
    complete(
      { ...deps, sendRelay: (publication) => sendRelay(deps, publication) },
      { userId, publicationId: id },
    ),
  );
}

/** Completes, with the part that was forgotten once storage asks for it. Answers whether it worked. */
export async function insistOnFinish(
  world: World,
  publication: Publication,
  missingPart: number | null,
): Promise<boolean> {
  for (let tries = 1; tries <= triesMax; tries += 1) {
    const answer = await finish(world, publication);
    if (answer.type === "ok") return true;
    const isMissing = answer.type === "refused" && answer.code === "parts_missing";
    if (isMissing && missingPart !== null && tries < triesMax) {
      putPart(world, publication, missingPart);
    } else if (answer.type === "refused") return false;
    await world.pause(retryAfterMs * tries);
  }
  return false;
}

export function askToCancel(world: World, { userId, id }: Publication): Promise<Answer<unknown>> {
  return ask(world, (deps) => cancel(deps, { userId, publicationId: id }));
}

export function askToRetry(world: World, { userId, id }: Publication): Promise<Answer<unknown>> {
  return ask(world, (deps) => retry(deps, { userId, publicationId: id }));
}

export function leave(
  world: World,
  account: { userId: string; openId: string },
): Promise<Answer<unknown>> {
  return ask(world, (deps) => disconnect(deps, account));
}

export function refresh(
  world: World,
  account: { userId: string; openId: string },
): Promise<Answer<unknown>> {
  return ask(world, (deps) => visible(() => refreshAccount(deps, account)));
}
