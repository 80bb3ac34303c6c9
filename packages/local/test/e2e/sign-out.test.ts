/** Signing out: it asks where something is at stake, says the truth about what is kept, and counts in every tab. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { builtInVideo } from "../../src/demo/video.ts";
import { findBarriers } from "./axe.ts";
import { choose } from "./form.ts";
import { createDial, watchConfirmed, watchLine } from "./line.ts";
import { cardAt, compose, connect, type Stage, startStage, submit } from "./stage.ts";
import { cardOf, cardShowing, expectPostedOnce, grow, post, until } from "./steps.ts";
import { newVisitor, stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ isAudited: true });
}, stageTimeoutMs);
afterAll(() => stage?.close());

async function pressSignOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: /Accounts/ }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
}

/** TikTok knows who agreed before, and asks nothing. */
async function comeBack(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Connect TikTok account" }).click();
  await page.getByRole("heading", { name: "Post a video" }).waitFor();
}

/** Somebody else at the same browser, whom TikTok does not know yet. */
async function connectNext(page: Page): Promise<void> {
  await page.context().clearCookies();
  await connect(stage, page, "private.creator");
}

function question(page: Page) {
  return page.getByRole("dialog", { name: "Sign out?" });
}

function welcome(page: Page): Promise<void> {
  return page.getByRole("link", { name: "Connect TikTok account" }).waitFor();
}

describe("signing out", () => {
  it("asks before a filled-in form is lost, and asks nothing where nothing is", async () => {
    const { page, expectClean } = await newVisitor(stage);
    await connect(stage, page);
    await choose(page, builtInVideo);
    await page.getByLabel("Caption").fill("Half a thought");
    await pressSignOut(page);
    await question(page).getByText("The form you have filled in is lost.").waitFor();
    expect(await question(page).getByText("upload").count()).toBe(0);
    expect(await findBarriers(page)).toEqual([]);
    await question(page).getByRole("button", { name: "Stay signed in" }).click();
    expect(await question(page).count()).toBe(0);
    expect(await page.getByLabel("Caption").inputValue()).toBe("Half a thought");

    await pressSignOut(page);
    await question(page).getByRole("button", { name: "Sign out" }).click();
    await comeBack(page);
    expect(await page.getByLabel("Caption").count()).toBe(0);
    await choose(page, builtInVideo);
    await page.getByLabel("Caption").waitFor();
    await pressSignOut(page);
    await welcome(page);
    expectClean();
  });

  it("in mid-upload stops it, and the same account goes on with what is missing", async () => {
    // Not `expectClean`: a call that is under way when the session ends is refused, and the browser reports that.
    const { page } = await newVisitor(stage);
    const line = watchLine(stage);
    const confirmed = watchConfirmed(page);
    const title = "Left in the middle";
    const path = await grow(stage, "left.mp4", 48_003_000);
    await connect(stage, page);
    const dial = await createDial(page);
    await dial.setRate(8_000_000);
    await post(page, path, title);
    await until(() => confirmed.size > 0);
    await dial.hold();
    const storedAgain = line.watchStored(confirmed);
    await pressSignOut(page);
    await question(page).getByText("The upload under way stops.").waitFor();
    await question(page).getByRole("button", { name: "Stay signed in" }).click();
    await until(() => line.underWayCount() > 0);
    await pressSignOut(page);
    await question(page).getByRole("button", { name: "Sign out" }).click();
    await welcome(page);
    await until(() => line.underWayCount() === 0);
    expect(await page.title()).toBe("ClipCast Publish");

    await comeBack(page);
    // Not before: TikTok's page and back is another process, which takes the held line along.
    await dial.setRate(null);
    const card = await cardShowing(page, "interrupted", title);
    await card.getByLabel("Choose file to resume").setInputFiles(path);
    await cardAt(page, "published", title);
    expect(storedAgain()).toEqual([]);
    await expectPostedOnce(stage, path);
  });
});

describe("in one tab", () => {
  it("signs out the others without a refused request, and the next user inherits nothing", async () => {
    const { context, page, expectClean } = await newVisitor(stage);
    const title = "Seen by its owner alone";
    await connect(stage, page);
    // Settled for good, so that nothing is asked about it any more.
    await compose(page, { path: builtInVideo, caption: title, privacy: "Only me" });
    await submit(page);
    await cardAt(page, "published", title);
    const other = await context.newPage();
    await other.goto(`${stage.host.url}/`);
    await cardAt(other, "published", title);
    await choose(other, builtInVideo);
    await other.getByLabel("Caption").fill("Not for the next one");

    await pressSignOut(page);
    await welcome(page);
    await welcome(other);
    expect(await other.getByText("Your session has ended.").count()).toBe(0);
    expect(await other.locator("article").count()).toBe(0);
    expectClean();

    await connectNext(page);
    await other.getByRole("heading", { name: "Post a video" }).waitFor();
    for (const tab of [page, other]) {
      await tab.getByText("Nothing posted yet.").waitFor();
      expect(await tab.getByText(title).count()).toBe(0);
      expect(await tab.getByLabel("Caption").count()).toBe(0);
    }
    expectClean();
  });

  it("stops the uploads of all, and none of them goes on under the next user", async () => {
    const { context, page } = await newVisitor(stage);
    const line = watchLine(stage);
    const confirmed = watchConfirmed(page);
    const title = "Begun by another";
    const path = await grow(stage, "begun.mp4", 48_004_000);
    await connect(stage, page);
    const dial = await createDial(page);
    await dial.setRate(8_000_000);
    await post(page, path, title);
    await until(() => confirmed.size > 0);
    await dial.hold();
    const other = await context.newPage();
    await other.goto(stage.host.url);
    const mirrored = await cardShowing(other, "uploading", title);
    await mirrored.getByText("Another tab of this browser is uploading it.").waitFor();

    // The tab that only watches knows what it would stop.
    await pressSignOut(other);
    await question(other).getByText("The upload under way stops.").waitFor();
    await question(other).getByRole("button", { name: "Sign out" }).click();
    await Promise.all([welcome(page), welcome(other)]);
    await until(() => line.underWayCount() === 0);
    const storedCount = line.storedPartCount();
    await dial.setRate(null);

    await connectNext(other);
    await page.getByRole("heading", { name: "Post a video" }).waitFor();
    for (const tab of [page, other]) {
      await tab.locator('.history[aria-busy="false"]').waitFor();
      expect(await cardOf(tab, title).count()).toBe(0);
    }
    expect(line.storedPartCount()).toBe(storedCount);
  });
});
