import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { builtInVideo } from "../../src/demo/video.ts";
import { cardAt, compose, connect, type Stage, startStage, submit } from "./stage.ts";
import { post } from "./steps.ts";
import { newVisitor, stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ isAudited: true });
}, stageTimeoutMs);
afterAll(() => stage?.close());

describe("the address of one post", () => {
  it("shows it with what happened, after a click, a reload and the browser's way back", async () => {
    const { page, expectClean } = await newVisitor(stage);
    await connect(stage, page);
    await post(page, builtInVideo, "Look here");
    const card = await cardAt(page, "published", "Look here");
    await page.getByLabel("Video file").setInputFiles(builtInVideo);
    await page.getByLabel("Caption").fill("A draft of the next one");
    await card.getByRole("link", { name: "Look here" }).click();
    await page.waitForURL(/\/p\/[^/]+$/);
    await page.getByRole("heading", { name: "What happened" }).waitFor();
    expect(await page.locator("article").count()).toBe(1);
    expect(await page.locator(".timeline li").allTextContents()).toEqual([
      expect.stringContaining("Uploading"),
      expect.stringContaining("Waiting to be sent"),
      expect.stringContaining("Sending to TikTok"),
      expect.stringContaining("TikTok is processing"),
      expect.stringContaining("Published"),
    ]);

    await page.goBack();
    expect(await page.getByLabel("Caption").inputValue()).toBe("A draft of the next one");
    await page.goForward();
    await page.reload();
    await page.getByRole("heading", { name: "What happened" }).waitFor();
    await page.getByRole("link", { name: "All posts" }).click();
    await page.getByRole("heading", { name: "Your posts" }).waitFor();
    expectClean();
  });

  it("says what was posted, from which account, for whom, and with which choices", async () => {
    const { page, expectClean } = await newVisitor(stage);
    await connect(stage, page);
    const friends = "Friends (followers you follow back)";
    await compose(page, { path: builtInVideo, caption: "All told", privacy: friends });
    await page.getByRole("checkbox", { name: "Comment" }).check();
    await page.getByRole("switch", { name: "Disclose commercial content" }).check();
    await page.getByRole("checkbox", { name: "Your brand" }).check();
    await page.getByRole("switch", { name: "AI-generated content" }).check();
    await page.getByLabel("Cover frame").fill("1500");
    await submit(page);
    const card = page.locator("article").filter({ hasText: "All told" });
    await card.getByRole("link", { name: "All told" }).click();

    const details = page.getByRole("region", { name: "Post details" });
    await details.waitFor();
    const names = await details.getByRole("term").allTextContents();
    const choices = await details.getByRole("definition").allTextContents();
    expect(Object.fromEntries(names.map((name, index) => [name, choices[index]]))).toEqual({
      Account: "DDemo Creator@demo.creator",
      "Sent as": "Post",
      "Who can view this video": friends,
      Caption: "All told",
      "Allow users to": "Comment, allowedDuet, not allowedStitch, not allowed",
      "Commercial content": "Your brand, labeled “Promotional content”",
      "AI-generated content": "Labeled",
      "Cover frame": "Cover at 0:01",
    });
    const profile = details.getByRole("link", { name: "@demo.creator" });
    expect(await profile.getAttribute("href")).toBe(`${stage.host.sandboxUrl}/@demo.creator`);
    expectClean();
  });

  it("is calmly not there for another user, signed in before or on the way", async () => {
    const owner = await newVisitor(stage);
    await connect(stage, owner.page);
    await post(owner.page, builtInVideo, "Mine alone");
    const card = await cardAt(owner.page, "published", "Mine alone");
    const path = await card.getByRole("link", { name: "Mine alone" }).getAttribute("href");
    expect(path).toMatch(/^\/p\//);

    const { page } = await newVisitor(stage);
    await page.goto(`${stage.host.url}${path}`);
    await page.getByRole("link", { name: "Connect TikTok account" }).click();
    await page.getByRole("radio", { name: "@private.creator" }).check();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.waitForURL(`${stage.host.url}${path}`);
    await page.getByRole("heading", { name: "There is no such post" }).waitFor();
    expect(await page.getByText("Mine alone").count()).toBe(0);
    expect(await page.getByRole("alert").count()).toBe(0);
    await page.getByRole("link", { name: "All posts" }).click();
    await page.getByText("Nothing posted yet.").waitFor();
  });
});
