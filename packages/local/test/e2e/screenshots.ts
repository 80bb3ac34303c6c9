/**
 * `node packages/local/test/e2e/screenshots.ts`: takes the pictures of the README anew, by a creator's own steps.
 *
 * Writes docs/page.png, docs/page-dark.png and docs/sandbox.png at the size of a common laptop window.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { builtInVideo, growVideo } from "../../src/demo/video.ts";
import { projectRoot } from "../../src/index.ts";
import { cardAt, compose, connect, createThrottle, startStage, submit } from "./stage.ts";

const docs = join(projectRoot, "docs");
const viewport = { width: 1180, height: 700 };

const stage = await startStage({ isAudited: true });
try {
  await mkdir(docs, { recursive: true });
  const context = await stage.browser.newContext({ viewport, colorScheme: "light" });
  const page = await context.newPage();
  await connect(stage, page);
  await publish(page, "Nets, ropes and a very patient gull", "gull.mp4", 9_700_000);
  await publish(page, "Fishing boats leave at five #harbour", "boats.mp4", 18_400_000);
  await publish(page, "Harbour at dawn #clipcast #slowtv", "harbour.mp4", 42_000_000);

  const path = await grow("lighthouse-4k.mp4", 1_260_000_000);
  const throttle = await createThrottle(page);
  await throttle(38_000_000);
  await compose(page, { path, caption: "Lighthouse, uncut: the whole night" });
  await submit(page);
  await cardAt(page, "uploading", "Lighthouse");
  await compose(page, {
    path: await grow("surf.mp4", 27_300_000),
    caption: "Surf at midnight #sea",
  });
  await page.getByLabel("Cover frame").fill("2600");
  await page.getByRole("checkbox", { name: "Comment" }).check();
  await page.getByText(/^(4\d\d|5\d\d) MB of/).waitFor({ timeout: 120_000 });
  await shoot(page, "page");
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot(page, "page-dark");

  await page.emulateMedia({ colorScheme: "light" });
  await page.goto(stage.host.sandboxUrl);
  await page.getByText("Harbour at dawn").first().waitFor();
  await page.waitForFunction(() =>
    [...document.querySelectorAll("video")].every(
      (video) => video.readyState >= 2 && video.networkState === 1,
    ),
  );
  // The players' own spinners fade out, and nothing tells when they have.
  await page.waitForTimeout(1_500);
  await shoot(page, "sandbox");
} finally {
  await stage.close();
}

async function publish(page: Page, caption: string, name: string, bytes: number): Promise<void> {
  await compose(page, { path: await grow(name, bytes), caption });
  await submit(page);
  const card = await cardAt(page, "published", caption);
  await card.getByRole("link", { name: "View on TikTok" }).waitFor();
}

async function grow(name: string, totalBytes: number): Promise<string> {
  const targetPath = join(stage.dir, name);
  await growVideo({ sourcePath: builtInVideo, targetPath, totalBytes, onBytes: () => {} });
  return targetPath;
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    scrollTo(0, 0);
  });
  await page.screenshot({ path: join(docs, `${name}.png`), animations: "disabled" });
}
