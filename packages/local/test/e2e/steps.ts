/** Steps that several tests take: a video that grows to any size, its post at TikTok, and what a card shows. */
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { expect } from "vitest";
import { readTikTokSide } from "../../src/demo/tiktok-side.ts";
import { builtInVideo, growVideo, sha256Of } from "../../src/demo/video.ts";
import { compose, patienceMs, type Stage, submit } from "./stage.ts";

export async function grow(stage: Stage, name: string, totalBytes: number): Promise<string> {
  const targetPath = join(stage.dir, name);
  await growVideo({ sourcePath: builtInVideo, targetPath, totalBytes, onBytes: () => {} });
  return targetPath;
}

export async function post(page: Page, path: string, caption: string): Promise<void> {
  await compose(page, { path, caption });
  await submit(page);
}

/** A card while it shows this face; `data-face` is what the card's state machine decided. */
export async function cardShowing(page: Page, face: string, title: string): Promise<Locator> {
  const card = page.locator(`article[data-face="${face}"]`).filter({ hasText: title });
  await card.waitFor();
  return card;
}

export function cardOf(page: Page, title: string): Locator {
  return page.locator("article").filter({ hasText: title });
}

/** Exactly one post with exactly these bytes. */
export async function expectPostedOnce(stage: Stage, path: string): Promise<void> {
  const digest = await sha256Of(path);
  const count = async () => {
    const { posts } = await readTikTokSide(stage.host.sandboxUrl);
    return posts.filter(({ sha256 }) => sha256 === digest).length;
  };
  await expect.poll(count, { timeout: patienceMs }).toBe(1);
}

export function until(condition: () => unknown): Promise<void> {
  return expect
    .poll(async () => Boolean(await condition()), { timeout: patienceMs, interval: 50 })
    .toBe(true);
}
