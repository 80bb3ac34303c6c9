/**
 * The whole product and a real browser in front of it, real bundles and real HTTP; and a creator's steps on the page, in
 * the words that a creator sees. Knows nothing of tests, so that the screenshots are taken by the same steps.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { chromiumFlags, findChromium } from "../../../../scripts/chromium.ts";
import { type LocalHost, startLocal } from "../../src/index.ts";

export type Stage = { host: LocalHost; browser: Browser; dir: string; close(): Promise<void> };

/** For one thing to appear on a page; what takes longer on two busy cores is broken. */
export const patienceMs = 45_000;

export async function startStage(options: { isAudited: boolean }): Promise<Stage> {
  const executablePath = findChromium();
  const dir = mkdtempSync(join(tmpdir(), "clipcast-e2e-"));
  const opened: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of opened.reverse()) await end();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const host = await startLocal({
      dir: join(dir, "state"),
      port: 0,
      settings: options,
      // TikTok's processing is not what is looked at here.
      sandbox: { processingMs: 200, processingMsPerGb: 0 },
    });
    opened.push(() => host.stop());
    // A new, empty user data directory by itself.
    const browser = await chromium.launch({ executablePath, args: chromiumFlags });
    opened.push(() => browser.close());
    return { host, browser, dir, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** From the first visit through TikTok's consent page and back. */
export async function connect(stage: Stage, page: Page, creator = "demo.creator"): Promise<void> {
  await page.goto(stage.host.url);
  await page.getByRole("link", { name: "Connect TikTok account" }).click();
  await page.waitForURL((url) => url.origin === stage.host.sandboxUrl);
  await page.getByRole("radio", { name: `@${creator}` }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.waitForURL((url) => url.origin === stage.host.url && !url.pathname.startsWith("/api"));
  await page.getByRole("heading", { name: "Post a video" }).waitFor();
}

/** Chooses a video and fills in the post as far as it can be sent. */
export async function compose(
  page: Page,
  post: { path: string; caption: string; privacy?: string },
): Promise<void> {
  await page.getByLabel("Video file").setInputFiles(post.path);
  await page.getByLabel("Caption").fill(post.caption);
  await choosePrivacy(page, post.privacy ?? "Everyone");
}

export function privacyMenu(page: Page): Locator {
  return page.getByRole("combobox", { name: "Who can view this video" });
}

export async function choosePrivacy(page: Page, name: string): Promise<void> {
  await privacyMenu(page).click();
  await page.getByRole("option", { name, exact: true }).click();
}

export function postButton(page: Page): Locator {
  return page.getByRole("button", { name: /to TikTok$/ });
}

/** Presses the button once it can be pressed: the video is still being checked for a moment. */
export async function submit(page: Page): Promise<void> {
  await page.locator('button[type=submit][aria-disabled="false"]').click();
}

/** The card of a post, once it has come this far. */
export async function cardAt(page: Page, status: string, title?: string): Promise<Locator> {
  const cards = page.locator(`article[data-status="${status}"]`);
  const card = title === undefined ? cards : cards.filter({ hasText: title });
  await card.waitFor();
  return card;
}

/** Bytes a second that leave the page, until changed again; null lifts it. Only uploads are slowed. */
export async function createThrottle(page: Page): Promise<(rate: number | null) => Promise<void>> {
  const session = await page.context().newCDPSession(page);
  return async (rate) => {
    await session.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: rate ?? -1,
    });
  };
}
