import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readTikTokSide } from "../../src/demo/tiktok-side.ts";
import { builtInVideo, sha256Of } from "../../src/demo/video.ts";
import {
  cardAt,
  choosePrivacy,
  compose,
  connect,
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

describe("leaving", () => {
  it("asks first when a form is filled in, and brings nothing back by itself afterwards", async () => {
    const { page, expectClean } = await newVisitor(stage);
    await connect(stage, page);
    const caption = page.getByLabel("Caption");
    const asked: string[] = [];
    const leave = async (answer: "accept" | "dismiss") => {
      const dialog = page.waitForEvent("dialog");
      const left = page.evaluate(() => location.reload()).catch(() => undefined);
      asked.push((await dialog).type());
      await (await dialog)[answer]();
      await left;
    };
    await page.getByLabel("Video file").setInputFiles(builtInVideo);
    await caption.click();
    await caption.fill("Not sent yet");
    await page.getByText("12 of 2,200 characters").waitFor();
    await leave("dismiss");
    expect(await caption.inputValue()).toBe("Not sent yet");
    // The way home is not a way out.
    await page.getByRole("link", { name: "ClipCast Publish" }).click();
    expect(await caption.inputValue()).toBe("Not sent yet");

    await caption.fill("");
    await page.getByText("0 of 2,200 characters").waitFor();
    await choosePrivacy(page, "Only me");
    await privacyMenu(page).getByText("Only me").waitFor();
    await leave("accept");
    await page.getByText("Drop videos anywhere on this page").waitFor();
    await page.getByLabel("Video file").setInputFiles(builtInVideo);
    await page.getByText("@demo.creator").waitFor();
    expect(await privacyMenu(page).textContent()).toBe("Choose who can view it");
    expect(asked).toEqual(["beforeunload", "beforeunload"]);
    expectClean();
  });

  it("asks nothing when nothing was filled in, when it was taken back, and when all is posted", async () => {
    const { page, expectClean } = await newVisitor(stage);
    await connect(stage, page);
    const asked: string[] = [];
    page.on("dialog", (dialog) => {
      asked.push(dialog.type());
      return dialog.accept();
    });
    const caption = page.getByLabel("Caption");
    const choose = () => page.getByLabel("Video file").setInputFiles(builtInVideo);
    // Browsers ask only where somebody has pressed something.
    await choose();
    await caption.click();
    await page.reload();
    await choose();
    await caption.click();
    await caption.fill("A thought");
    await page.getByText("9 of 2,200 characters").waitFor();
    await caption.fill("");
    await page.getByText("0 of 2,200 characters").waitFor();
    await page.reload();
    await compose(page, { path: builtInVideo, caption: "All is posted" });
    await submit(page);
    await cardAt(page, "published", "All is posted");
    await page.reload();
    await cardAt(page, "published", "All is posted");
    expect(asked).toEqual([]);
    expectClean();
  });
});
