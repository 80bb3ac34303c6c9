import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readTikTokSide } from "../../src/demo/tiktok-side.ts";
import { builtInVideo, growVideo } from "../../src/demo/video.ts";
import {
  cardAt,
  compose,
  connect,
  createThrottle,
  type Stage,
  startStage,
  submit,
} from "./stage.ts";
import { newVisitor, stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

let stage: Stage;
beforeAll(async () => {
  // As every app is before TikTok has reviewed it: private accounts and private posts only.
  stage = await startStage({ isAudited: false });
}, stageTimeoutMs);
afterAll(() => stage?.close());

async function startLogin(page: Parameters<typeof connect>[1]): Promise<void> {
  await page.goto(stage.host.url);
  await page.getByRole("link", { name: "Connect TikTok account" }).click();
  await page.waitForURL((url) => url.origin === stage.host.sandboxUrl);
}

describe("a login", () => {
  it("that is declined at TikTok comes back with a sentence, and can be begun again", async () => {
    const { page, expectClean } = await newVisitor(stage);
    await startLogin(page);
    await page.getByRole("button", { name: "Cancel" }).click();
    const alert = page.getByRole("alert");
    await alert.getByText("You did not give access at TikTok").waitFor();
    expect(new URL(page.url()).search).toBe("");
    await alert.getByRole("button", { name: "Dismiss" }).click();
    await connect(stage, page);
    expectClean();
  });

  it("without the right to post says which permission is missing", async () => {
    const { page, expectClean } = await newVisitor(stage);
    await startLogin(page);
    await page.getByRole("checkbox", { name: "video.publish" }).uncheck();
    await page.getByRole("checkbox", { name: "video.upload" }).uncheck();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("alert").getByText("Posting was not allowed at TikTok.").waitFor();
    expectClean();
  });
});

describe("before TikTok's review", () => {
  it("posts for a private account's own eyes, and links to the profile", async () => {
    const { page, expectClean } = await newVisitor(stage);
    await connect(stage, page, "private.creator");
    await compose(page, { path: builtInVideo, caption: "For me alone", privacy: "Only me" });
    await page.getByText("This app is still waiting for TikTok’s review.").waitFor();
    await submit(page);
    const card = await cardAt(page, "published", "For me alone");
    await card.getByText("TikTok gives no link for videos that are not public.").waitFor();
    const profile = card.getByRole("link", { name: "Open profile on TikTok" });
    expect(await profile.getAttribute("href")).toBe(`${stage.host.sandboxUrl}/@private.creator`);
    expectClean();
  });

  it("tells the owner of a public account what to change, posts nothing, and tries again on request", async () => {
    const { page, expectClean } = await newVisitor(stage);
    const { sandboxUrl } = stage.host;
    const before = (await readTikTokSide(sandboxUrl)).posts.length;
    await connect(stage, page);
    await compose(page, { path: builtInVideo, caption: "Too public", privacy: "Only me" });
    await submit(page);
    const card = await cardAt(page, "failed", "Too public");
    await card.getByText(/private/).waitFor();
    expect((await readTikTokSide(sandboxUrl)).posts).toHaveLength(before);

    // The creator does as told; the video is still in storage.
    const setPrivate = (isPrivate: boolean) =>
      fetch(`${sandboxUrl}/sandbox/api/creators`, {
        method: "POST",
        body: JSON.stringify({ username: "demo.creator", isPrivate }),
      });
    await setPrivate(true);
    await card.getByRole("button", { name: "Try again" }).click();
    await cardAt(page, "published", "Too public");
    expect((await readTikTokSide(sandboxUrl)).posts).toHaveLength(before + 1);
    await setPrivate(false);
    expectClean();
  });

  it("sends a draft to the inbox without asking for a privacy level", async () => {
    const { page, expectClean } = await newVisitor(stage);
    await connect(stage, page, "private.creator");
    await page.getByLabel("Video file").setInputFiles(builtInVideo);
    await page.getByRole("radio", { name: "Send as draft" }).check();
    await submit(page);
    const card = await cardAt(page, "in_inbox");
    await card.getByText("Open TikTok and tap the inbox notification").waitFor();
    expectClean();
  });
});

describe("an upload under way", () => {
  it("is cancelled on request: nothing is stored, nothing is posted", async () => {
    const { page, expectClean } = await newVisitor(stage);
    const path = join(stage.dir, "regretted.mp4");
    await growVideo({
      sourcePath: builtInVideo,
      targetPath: path,
      totalBytes: 30_000_000,
      onBytes: () => {},
    });
    const before = (await readTikTokSide(stage.host.sandboxUrl)).tasks.length;
    await connect(stage, page, "private.creator");
    // So slow that it cannot be over before it is cancelled.
    const throttle = await createThrottle(page);
    await throttle(100_000);
    await compose(page, { path, caption: "Regretted", privacy: "Only me" });
    await submit(page);
    const card = await cardAt(page, "uploading", "Regretted");
    await card.getByText("Keep this tab open").waitFor();
    await card.getByRole("button", { name: "Pause" }).click();
    await card.getByText("Paused").waitFor();
    await card.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Cancel post" }).click();
    const cancelled = await cardAt(page, "cancelled", "Regretted");
    await cancelled.getByText("Nothing was posted.").waitFor();

    await throttle(null);
    await page.reload();
    await cardAt(page, "cancelled", "Regretted");
    expect((await readTikTokSide(stage.host.sandboxUrl)).tasks).toHaveLength(before);
    expectClean();
  });
});
