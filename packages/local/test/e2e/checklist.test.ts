/**
 * The points of TikTok's content sharing guidelines that its audit looks at
 * (https://developers.tiktok.com/doc/content-sharing-guidelines), one test each, by the numbers of that page. Texts in
 * quotation marks are the ones it prescribes.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readTikTokSide } from "../../src/demo/tiktok-side.ts";
import { builtInVideo, sha256Of } from "../../src/demo/video.ts";
import { changeCreator, choose, control, createForms, tooltip } from "./form.ts";
import {
  cardAt,
  choosePrivacy,
  postButton,
  privacyMenu,
  type Stage,
  startStage,
  submit,
} from "./stage.ts";
import { stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

const music = "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en";

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ isAudited: true });
}, stageTimeoutMs);
afterAll(() => stage?.close());
const { visit, open } = createForms(() => stage);

describe("point 1: creator info", () => {
  it("1a is fetched anew each time the form is shown, and the nickname with it", async () => {
    const { page, expectClean } = await open();
    const creator = page.getByRole("region", { name: "Posting to" });
    await creator.getByText("Demo Creator").waitFor();
    await creator.getByText("@demo.creator").waitFor();
    await changeCreator(stage, "demo.creator", { nickname: "Renamed Creator" });
    await page.getByRole("button", { name: "Remove demo.mp4" }).click();
    await choose(page, builtInVideo);
    await creator.getByText("Renamed Creator").waitFor();
    await changeCreator(stage, "demo.creator", { nickname: "Demo Creator" });
    expectClean();
  });

  it.each([
    ["the cap of posts a day", "busy.creator", null],
    ["a ban", "banned.creator", null],
    ["the cap of creators a day", "demo.creator", "reached_active_user_cap"],
  ])(
    "1b a creator who cannot post now because of %s is asked to try later",
    async (_, who, code) => {
      if (code !== null) {
        const fault = { operation: "creatorInfo", kind: "status", status: 200, code, times: null };
        await control(stage, "POST", "faults", fault);
      }
      const { page } = await visit(who);
      await choose(page, builtInVideo);
      await page.getByText("This account cannot post right now. Try again later.").waitFor();
      expect(await postButton(page).count()).toBe(0);
      await control(stage, "DELETE", "faults");
      if (code === null) return;
      await page.getByRole("button", { name: "Try again" }).click();
      await postButton(page).waitFor();
    },
  );

  it("1c a video longer than the creator may post is refused before it is sent", async () => {
    await changeCreator(stage, "short.creator", { maxDurationSec: 4 });
    const { page, expectClean } = await open("short.creator");
    await page
      .getByRole("alert")
      .getByText("This video runs 0:05; TikTok allows this account at most 0:04.")
      .waitFor();
    await choosePrivacy(page, "Everyone");
    expect(await postButton(page).getAttribute("aria-disabled")).toBe("true");
    expectClean();
  });
});

describe("point 2: metadata", () => {
  it("2a the title is the creator's own: empty at first, and editable", async () => {
    const { page } = await open();
    const caption = page.getByLabel("Caption");
    expect(await caption.inputValue()).toBe("");
    await caption.fill("Harbour #dawn");
    await caption.fill("Harbour at noon");
    expect(await caption.inputValue()).toBe("Harbour at noon");
  });

  it("2b privacy has no default, and offers only what creator info does", async () => {
    const { page } = await open("private.creator");
    const menu = privacyMenu(page);
    expect(await menu.textContent()).toBe("Choose who can view it");
    await tooltip(page, "Choose who can view this video.").waitFor({ state: "attached" });
    expect(await postButton(page).getAttribute("aria-disabled")).toBe("true");
    await menu.click();
    expect(await page.getByRole("option").allInnerTexts()).toEqual([
      "Followers",
      "Friends (followers you follow back)",
      "Only me",
    ]);
  });

  it("2b privacy is chosen by hand: looking through the choices and leaving chooses none", async () => {
    const { page } = await open();
    await privacyMenu(page).focus();
    for (const key of ["ArrowDown", "ArrowDown", "Tab"]) await page.keyboard.press(key);
    expect(await privacyMenu(page).textContent()).toBe("Choose who can view it");
    await privacyMenu(page).focus();
    for (const key of ["Enter", "End", "Enter"]) await page.keyboard.press(key);
    expect(await privacyMenu(page).textContent()).toBe("Only me");
  });

  it("2c comment, duet and stitch are off until switched on, and are sent as chosen", async () => {
    const { page, expectClean } = await open();
    for (const name of ["Comment", "Duet", "Stitch"]) {
      expect(await page.getByRole("checkbox", { name }).isChecked()).toBe(false);
    }
    await page.getByRole("checkbox", { name: "Duet" }).check();
    await choosePrivacy(page, "Everyone");
    const sent = page.waitForRequest((request) => request.url().endsWith("/upload-init"));
    await submit(page);
    expect((await sent).postDataJSON().post).toMatchObject({
      allowComment: false,
      allowDuet: true,
      allowStitch: false,
      isAiGenerated: false,
    });
    await cardAt(page, "published");
    expectClean();
  });

  it("2c comment, duet and stitch are greyed when creator info says so", async () => {
    const { page } = await open("quiet.creator");
    for (const name of ["Comment", "Duet", "Stitch"]) {
      expect(await page.getByRole("checkbox", { name }).isDisabled()).toBe(true);
    }
    await page.getByText("Comment, Duet, Stitch: Turned off in this account").waitFor();
  });

  it("2d the music usage confirmation stands before the button", async () => {
    const { page } = await open();
    const declaration = page.getByText(
      "By posting, you agree to TikTok's Music Usage Confirmation",
    );
    const link = declaration.getByRole("link", { name: "Music Usage Confirmation" });
    expect(await link.getAttribute("href")).toBe(music);
    const [above, below] = [await declaration.boundingBox(), await postButton(page).boundingBox()];
    expect(above?.y).toBeLessThan(below?.y ?? 0);
  });
});

describe("points 4 and 5: consent and what follows", () => {
  it("5a the video can be played before it is posted, and a cover picked from it", async () => {
    const { page } = await open();
    const player = page.getByLabel("Preview of your video");
    const playedTo = await player.evaluate(async (node) => {
      const video = node as HTMLVideoElement;
      video.muted = true;
      await video.play();
      await new Promise((resolve) => video.addEventListener("timeupdate", resolve, { once: true }));
      video.pause();
      video.currentTime = 3;
      await new Promise((resolve) => video.addEventListener("seeked", resolve, { once: true }));
      return video.currentTime;
    });
    expect(playedTo).toBe(3);
    await page.getByRole("button", { name: "Use the frame in the preview" }).click();
    await page.getByText("Cover at 0:03").waitFor();
    await page.getByLabel("Cover frame").fill("1500");
    await expect
      .poll(() => player.evaluate((node) => (node as HTMLVideoElement).currentTime))
      .toBe(1.5);
    await choosePrivacy(page, "Everyone");
    const sent = page.waitForRequest((request) => request.url().endsWith("/upload-init"));
    await submit(page);
    expect((await sent).postDataJSON().post).toMatchObject({ coverTimestampMs: 1500 });
  });

  it("5b the video arrives as it was chosen, with nothing added to it or to its caption", async () => {
    const { page } = await open();
    await page.getByLabel("Caption").fill("Just this");
    await choosePrivacy(page, "Everyone");
    await submit(page);
    const card = await cardAt(page, "published", "Just this");
    const href = await card.getByRole("link", { name: "View on TikTok" }).getAttribute("href");
    const { posts } = await readTikTokSide(stage.host.sandboxUrl);
    const post = posts.find(({ url }) => url === href);
    expect(post?.sha256).toBe(await sha256Of(builtInVideo));
  });

  it("5c nothing is sent before the consent, which goes with the post and names its text", async () => {
    const { page } = await visit();
    const sent: string[] = [];
    page.on("request", (request) => {
      if (request.method() !== "GET") sent.push(new URL(request.url()).pathname);
    });
    await choose(page, builtInVideo);
    await page.getByText("Pressing the button, you agree that ClipCast uploads").waitFor();
    await choosePrivacy(page, "Everyone");
    await page.locator('button[type=submit][aria-disabled="false"]').waitFor();
    // Asking who the creator is, and how earlier posts are doing, is all that may have happened.
    const asked = ["/api/tiktok/creator-info", "/api/tiktok/upload-status"];
    expect(sent.filter((path) => !asked.includes(path))).toEqual([]);
    expect(sent).toContain("/api/tiktok/creator-info");
    const init = page.waitForRequest((request) => request.url().endsWith("/upload-init"));
    await submit(page);
    expect((await init).postDataJSON().consent).toEqual({ agreed: true, textVersion: "2026-01" });
  });

  it("5d the form says that processing takes a few minutes", async () => {
    const { page } = await open();
    await page
      .getByText("it may take a few minutes for the video to be processed and visible")
      .waitFor();
  });

  it("5e the result is shown without asking for it", async () => {
    const { page } = await open();
    await page.getByLabel("Caption").fill("To the end");
    await choosePrivacy(page, "Everyone");
    await submit(page);
    await cardAt(page, "published", "To the end");
  });

  it("the label for AI-generated content is off until switched on, and is sent", async () => {
    const { page } = await open();
    const label = page.getByRole("switch", { name: "AI-generated content" });
    expect(await label.isChecked()).toBe(false);
    await label.check();
    await choosePrivacy(page, "Everyone");
    const sent = page.waitForRequest((request) => request.url().endsWith("/upload-init"));
    await submit(page);
    expect((await sent).postDataJSON().post).toMatchObject({ isAiGenerated: true });
  });
});
