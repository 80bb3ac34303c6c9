/** What a creator does with the API: log in, begin an upload, send its parts. One function each, all through HTTP. */
import { crc32Of, publicPost, videoBytes } from "@clipcast/core/testing";
import { expect } from "vitest";
import { initResponse, type PublicationView, publicationResponse } from "../src/contract.ts";
import { type Answer, type Browser, read } from "./browser.ts";
import type { Harness } from "./harness.ts";

export const openId = "-000creator";

/** Two parts of the usual 8 MiB plan: one whole and one that takes the rest. */
export const twoParts = videoBytes(9 * 1024 * 1024);
export const onePart = videoBytes(100_000);

/** Starts a login and answers the state that TikTok would bring back. */
export async function startLogin(browser: Browser, query = ""): Promise<string> {
  const answer = await browser.get(`/api/auth/tiktok${query}`);
  expect(answer.status, answer.text).toBe(302);
  const state = new URL(answer.headers.get("location") ?? "").searchParams.get("state");
  expect(state).toMatch(/^[\w-]{43}$/);
  return state ?? "";
}

export function callback(browser: Browser, query: Record<string, string>): Promise<Answer> {
  return browser.get(`/api/auth/tiktok/callback?${new URLSearchParams(query)}`);
}

/** A whole login; the fake TikTok names the account after its code. */
export async function login(
  browser: Browser,
  options: { account?: string; query?: string } = {},
): Promise<Answer> {
  const state = await startLogin(browser, options.query);
  return callback(browser, { state, code: `code-${options.account ?? openId}` });
}

export async function connected(harness: Harness, account = openId): Promise<Browser> {
  const browser = harness.browser();
  expect((await login(browser, { account })).headers.get("location")).toBe("/");
  return browser;
}

/** The browser is back on the page with a reason, and without a session. */
export function expectRefused(answer: Answer, code: string): void {
  expect(answer.status).toBe(302);
  expect(answer.headers.get("location")).toBe(`/?login_error=${code}`);
  expect(answer.headers.getSetCookie().join()).not.toContain("session");
}

/** A valid body for upload-init, to be spoilt by a test. */
export function initBody(bytes: number, accountId = openId) {
  return {
    accountId,
    file: { name: "harbour.mp4", bytes, contentType: "video/mp4" },
    post: publicPost,
    consent: { agreed: true, textVersion: "2026-11" },
  };
}

export async function beginUpload(browser: Browser, video: Buffer, accountId = openId) {
  const body = { ...initBody(video.length, accountId), plan: planOf(video) };
  return read(await browser.post("/api/tiktok/upload-init", body), initResponse);
}

const partBytes = 8 * 1024 * 1024;

/** The plan that a client proposes which has read the whole video. */
export function planOf(video: Buffer) {
  const crc32s: string[] = [];
  for (let firstByte = 0; firstByte < video.length; firstByte += partBytes) {
    crc32s.push(crc32Of(video.subarray(firstByte, firstByte + partBytes)));
  }
  return { partBytes, crc32s };
}

/** Sends the parts that the answer signed, as the page does: straight to storage. */
export async function putParts(
  harness: Harness,
  { upload }: Awaited<ReturnType<typeof beginUpload>>,
  video: Buffer,
): Promise<void> {
  for (const part of upload.parts) {
    const { firstByte, bytes } = part;
    await harness.deps.storage.putPart(part, video.subarray(firstByte, firstByte + bytes));
  }
}

/** A publication whose upload is complete: it waits for its relay. */
export async function uploaded(
  harness: Harness,
  browser: Browser,
  video = onePart,
): Promise<PublicationView> {
  const begun = await beginUpload(browser, video);
  await putParts(harness, begun, video);
  const body = { publicationId: begun.publication.id };
  const answer = await browser.post("/api/tiktok/upload-complete", body);
  return read(answer, publicationResponse).publication;
}

export async function statusOf(browser: Browser, publicationId: string): Promise<PublicationView> {
  const answer = await browser.post("/api/tiktok/upload-status", { publicationId });
  return read(answer, publicationResponse).publication;
}
