import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readTikTokSide } from "../../src/demo/tiktok-side.ts";
import { builtInVideo, growVideo, sha256Of } from "../../src/demo/video.ts";
import {
  cardAt,
  choosePrivacy,
  compose,
  connect,
  createThrottle,
  patienceMs,
  postButton,
  privacyMenu,
  type Stage,
  startStage,
  submit,
} from "./stage.ts";
import { newVisitor, stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ isAudited: true });
}, stageTimeoutMs);
afterAll(() => stage?.close());

/** What TikTok has, once it has `count` posts. */
async function postsAtTikTok(count: number) {
  const read = async () => (await readTikTokSide(stage.host.sandboxUrl)).posts;
  await expect.poll(async () => (await read()).length, { timeout: patienceMs }).toBe(count);
  return read();
}

/** How often each part was sent, and which of them storage has confirmed. */
function watchParts(page: Page) {
  const sentCount = new Map<number, number>();
  const confirmed = new Set<number>();
  const partOf = (url: string) => Number(new URL(url).searchParams.get("partNumber"));
  page.on("request", (request) => {
    const partNumber = partOf(request.url());
    if (request.method() !== "PUT" || partNumber === 0) return;
    sentCount.set(partNumber, (sentCount.get(partNumber) ?? 0) + 1);
  });
  page.on("response", (response) => {
    const partNumber = partOf(response.url());
    if (response.request().method() === "PUT" && partNumber > 0 && response.ok())
      confirmed.add(partNumber);
  });
  return { sentCount, confirmed };
}

describe("the page", () => {
  it("takes a creator from the first visit to a published video", async () => {
    const { context, page, expectClean } = await newVisitor(stage);
    await connect(stage, page);

    await page.getByLabel("Video file").setInputFiles(builtInVideo);
    await page.getByLabel("Caption").fill("Harbour at dawn #clipcast");
    expect(await privacyMenu(page).textContent()).toBe("Choose who can view it");
    await page
      .getByRole("tooltip", { name: "Choose who can view this video." })
      .waitFor({ state: "attached" });
    expect(await postButton(page).getAttribute("aria-disabled")).toBe("true");
    for (const name of ["Comment", "Duet", "Stitch"]) {
      expect(await page.getByRole("checkbox", { name }).isChecked()).toBe(false);
    }
    await choosePrivacy(page, "Everyone");
    await submit(page);

    const card = await cardAt(page, "published");
    const link = card.getByRole("link", { name: "View on TikTok" });
    await link.waitFor();
    const [post] = await postsAtTikTok(1);
    expect(post?.sha256).toBe(await sha256Of(builtInVideo));
    expect(await link.getAttribute("href")).toBe(post?.url);

    const [postPage] = await Promise.all([context.waitForEvent("page"), link.click()]);
    await postPage.getByText("Harbour at dawn #clipcast").waitFor();
    const playedTo = await postPage.locator("video").evaluate(async (node) => {
      const video = node as HTMLVideoElement;
      video.muted = true;
      await video.play();
      await new Promise((resolve) => video.addEventListener("timeupdate", resolve, { once: true }));
      return video.currentTime;
    });
    expect(playedTo).toBeGreaterThan(0);
    expectClean();
  });

  it("goes on after a reload with the same file, and sends no confirmed part again", async () => {
    const { page, expectClean } = await newVisitor(stage);
    const path = join(stage.dir, "long.mp4");
    const totalBytes = 72_000_000;
    await growVideo({ sourcePath: builtInVideo, targetPath: path, totalBytes, onBytes: () => {} });
    const before = (await readTikTokSide(stage.host.sandboxUrl)).posts.length;
    await connect(stage, page);
    const { sentCount, confirmed } = watchParts(page);
    const throttle = await createThrottle(page);
    await throttle(24_000_000);
    await compose(page, { path, caption: "The long one" });
    await submit(page);

    await expect.poll(() => confirmed.size, { timeout: patienceMs }).toBeGreaterThan(0);
    // Holds the middle still, however busy the machine is.
    await throttle(1_000);
    const kept = [...confirmed];
    const warnings: string[] = [];
    page.on("dialog", (dialog) => {
      warnings.push(dialog.type());
      return dialog.accept();
    });
    await page.reload();
    expect(warnings).toEqual(["beforeunload"]);
    await throttle(null);

    const card = await cardAt(page, "uploading", "The long one");
    await card.getByText("This upload was interrupted.").waitFor();
    const picker = card.getByLabel("Choose file to resume");
    await picker.setInputFiles(builtInVideo);
    await card.getByText("That is another file.").waitFor();
    await picker.setInputFiles(path);

    await cardAt(page, "published", "The long one");
    const partCount = Math.ceil(totalBytes / (8 * 1024 * 1024));
    expect(sentCount.size).toBe(partCount);
    for (const partNumber of kept) expect(sentCount.get(partNumber)).toBe(1);
    const connections = 6;
    const repeated = [...sentCount.values()].filter((count) => count > 1).length;
    expect(repeated).toBeLessThanOrEqual(connections);
    expect(Math.max(...sentCount.values())).toBeLessThanOrEqual(2);
    const digest = await sha256Of(path);
    const posts = await postsAtTikTok(before + 1);
    expect(posts.filter(({ sha256 }) => sha256 === digest)).toHaveLength(1);
    expectClean();
  });

  it("publishes after the tab was closed, and shows it in the history later", async () => {
    const { context, page, expectClean } = await newVisitor(stage);
    const before = (await readTikTokSide(stage.host.sandboxUrl)).posts.length;
    await connect(stage, page);
    await compose(page, { path: builtInVideo, caption: "Closed early" });
    const completed = page.waitForResponse((response) =>
      response.url().endsWith("/api/tiktok/upload-complete"),
    );
    await submit(page);
    await completed;
    await page.close();

    await postsAtTikTok(before + 1);
    const later = await context.newPage();
    await later.goto(stage.host.url);
    const card = await cardAt(later, "published", "Closed early");
    await card.getByRole("link", { name: "View on TikTok" }).waitFor();
    expectClean();
  });
});
