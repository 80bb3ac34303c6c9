/**
 * `node packages/local/test/e2e/screenshots-states.ts [NAME…]`: takes a picture of each designed state of an upload and of
 * the history into docs/states, or only those named.
 *
 * Uploads are real ones, held in the middle. What only TikTok or time can bring about (a daily limit, a long
 * processing) is laid over the answers of the real backend.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { builtInVideo } from "../../src/demo/video.ts";
import { projectRoot } from "../../src/index.ts";
import { showEveryCard } from "./every-card.ts";
import { createDial } from "./line.ts";
import { cardAt, compose, connect, startStage, submit } from "./stage.ts";
import { cardShowing, grow, post } from "./steps.ts";

const folder = join(projectRoot, "docs", "states");
const desk = { viewport: { width: 1180, height: 780 } };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const wanted = process.argv.slice(2);

const stage = await startStage({ isAudited: true });
try {
  await mkdir(folder, { recursive: true });
  await take("empty", desk, async () => {});
  await take("uploading", desk, async (page) => {
    const dial = await createDial(page);
    await dial.setRate(12_000_000);
    await post(page, await grow(stage, "harbour.mp4", 240_000_000), "Harbour at dawn #slowtv");
    const harbour = await cardShowing(page, "uploading", "Harbour");
    await harbour.getByText(/^[1-9]\d* %$/).waitFor();
    await harbour.getByRole("button", { name: "Pause" }).click();
    await cardShowing(page, "paused", "Harbour");
    await post(page, await grow(stage, "gulls.mp4", 190_000_000), "Nets, ropes and a patient gull");
    const gulls = await cardShowing(page, "uploading", "Nets");
    await gulls.getByText(/ left$/).waitFor();
  });
  await take("offline", { ...desk, colorScheme: "dark" }, async (page) => {
    const dial = await underWay(page);
    await dial.goOffline();
    await cardShowing(page, "offline", "Lighthouse");
  });
  await take("signed-out", desk, async (page) => {
    const dial = await underWay(page);
    await page.context().clearCookies();
    await dial.setRate(40_000_000);
    await cardShowing(page, "signed_out", "Lighthouse");
  });
  await take("interrupted", desk, async (page) => {
    await underWay(page);
    page.on("dialog", (dialog) => dialog.accept());
    await page.reload();
    const card = await cardShowing(page, "interrupted", "Lighthouse");
    await card.getByLabel("Choose file to resume").setInputFiles(builtInVideo);
    await card.getByText("That is another file.").waitFor();
  });
  await take("other-tab", { ...desk, colorScheme: "dark" }, async (page) => {
    const first = await page.context().newPage();
    await first.goto(stage.host.url);
    await underWay(first);
    await page.bringToFront();
    await cardShowing(page, "uploading", "Lighthouse");
  });
  await take("history", { viewport: { width: 1180, height: 1500 } }, showEveryCard);
  await take("history-phone-dark", { ...phone, colorScheme: "dark" }, async (page) => {
    await showEveryCard(page);
    await page.getByRole("heading", { name: "Your posts" }).scrollIntoViewIfNeeded();
    await page.evaluate(() => document.querySelector(".history")?.scrollIntoView());
  });
  await take("post-phone", phone, async (page) => {
    await onePost(page, "One post at an address of its own #harbour");
  });
  const tall = { viewport: { width: 1180, height: 1120 } };
  await take("post", { ...tall, colorScheme: "dark" }, async (page) => {
    await onePost(page, "Harbour at dawn, the long way round #harbour #slowtv");
  });
  await take("missing", desk, async (page) => {
    await page.goto(`${stage.host.url}/p/0123456789abcdef`);
    await page.getByRole("heading", { name: "There is no such post" }).waitFor();
  });
} finally {
  await stage.close();
}

async function onePost(page: Page, caption: string): Promise<void> {
  await compose(page, { path: builtInVideo, caption });
  await page.getByRole("checkbox", { name: "Comment" }).check();
  await page.getByRole("switch", { name: "Disclose commercial content" }).check();
  await page.getByRole("checkbox", { name: "Your brand" }).check();
  await submit(page);
  const card = await cardAt(page, "published", caption);
  await card.getByRole("link", { name: "View on TikTok" }).waitFor();
  await card.getByRole("link", { name: caption }).click();
  await page.getByRole("heading", { name: "What happened" }).waitFor();
}

/** A visitor of its own for each picture: one state does not show in another. */
async function take(
  name: string,
  options: BrowserContextOptions,
  act: (page: Page) => Promise<void>,
): Promise<void> {
  if (wanted.length > 0 && !wanted.includes(name)) return;
  const context = await stage.browser.newContext({ ...options, reducedMotion: "reduce" });
  try {
    const page = await context.newPage();
    await connect(stage, page, name === "empty" ? "private.creator" : "demo.creator");
    if (name !== "empty") await hideOlder(page);
    await act(page);
    await page.evaluate((isDesk) => {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
      if (isDesk) scrollTo(0, 0);
    }, options.isMobile !== true);
    await page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
  } finally {
    await context.close();
  }
}

/** What earlier pictures posted is left out of the list. */
async function hideOlder(page: Page): Promise<void> {
  const sinceMs = Date.now();
  await page.context().route("**/api/publications*", async (route) => {
    const answer = await route.fetch();
    const body = (await answer.json()) as { publications: { createdAtMs: number }[] };
    const publications = body.publications.filter(({ createdAtMs }) => createdAtMs > sinceMs);
    await route.fulfill({ response: answer, json: { publications, nextCursor: null } });
  });
  await page.reload();
}

async function underWay(page: Page) {
  const dial = await createDial(page);
  await dial.setRate(14_000_000);
  await post(page, await grow(stage, "lighthouse-4k.mp4", 190_000_000), "Lighthouse, uncut");
  const card = await cardShowing(page, "uploading", "Lighthouse");
  await card.getByText(/ left$/).waitFor();
  return dial;
}
