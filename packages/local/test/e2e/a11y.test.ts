/**
 * Nobody is kept out: axe finds nothing on any state of the form and of what surrounds it, in light and in dark, on a wide
 * screen and on a phone; and a post can be made without a pointer.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { builtInVideo } from "../../src/demo/video.ts";
import { findBarriers } from "./axe.ts";
import { choose, control, createForms } from "./form.ts";
import { cardAt, choosePrivacy, postButton, privacyMenu, type Stage, startStage } from "./stage.ts";
import { newVisitor, stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

let stage: Stage;
beforeAll(async () => {
  // Before TikTok's review, which is when the page has most to say.
  stage = await startStage({ isAudited: false });
}, stageTimeoutMs);
afterAll(() => stage?.close());
const { visit, open } = createForms(() => stage);

/** The page's first question. */
const whoIsThere = "**/api/session";
const phone = { width: 390, height: 844 };

/** Neither for axe nor for the eye: nothing is wider than the screen. */
async function expectNoBarriers(page: Page) {
  expect(await findBarriers(page)).toEqual([]);
  const before = page.viewportSize();
  await page.setViewportSize(phone);
  expect(await findBarriers(page)).toEqual([]);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
  if (before !== null) await page.setViewportSize(before);
}

describe("without barriers: the way in", () => {
  it("a first visit, and one after a login that did not work", async () => {
    const { page } = await newVisitor(stage);
    await page.goto(stage.host.url);
    await page.getByRole("link", { name: "Connect TikTok account" }).waitFor();
    await expectNoBarriers(page);
    await page.goto(`${stage.host.url}/?login_error=scope_missing`);
    await page.getByRole("alert").waitFor();
    await expectNoBarriers(page);
  });

  it("while the page is loading, and when it cannot be reached", async () => {
    const { page } = await newVisitor(stage);
    let fail: () => void = () => undefined;
    const failed = new Promise<void>((resolve) => {
      fail = resolve;
    });
    await page.route(whoIsThere, async (route) => {
      await failed;
      await route.abort();
    });
    await page.goto(stage.host.url);
    await page.getByText("Loading…").waitFor({ state: "attached" });
    await expectNoBarriers(page);
    fail();
    await page.getByRole("heading", { name: "ClipCast cannot be reached" }).waitFor();
    await expectNoBarriers(page);
    await page.unroute(whoIsThere);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("link", { name: "Connect TikTok account" }).waitFor();
  });

  it("when the browser is offline: it says so, and comes back by itself", async () => {
    const { context, page } = await visit();
    await page.route(whoIsThere, (route) => route.abort());
    await page.reload();
    await page.getByRole("heading", { name: "ClipCast cannot be reached" }).waitFor();
    await context.setOffline(true);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "You are offline" }).waitFor();
    await expectNoBarriers(page);
    await page.unroute(whoIsThere);
    await context.setOffline(false);
    await page.getByRole("heading", { name: "Post a video" }).waitFor();
  });
});

describe("without barriers: the form", () => {
  it("empty, with everything open, and with settings for several videos", async () => {
    const { page } = await visit();
    await expectNoBarriers(page);
    await choose(page, builtInVideo);
    await page.getByLabel("Caption").waitFor();
    await expectNoBarriers(page);

    const other = join(stage.dir, "notes.mp4");
    writeFileSync(other, "no video");
    await choose(page, other);
    await page.getByRole("button", { name: "notes.mp4 Cannot be posted" }).waitFor();
    await page.getByRole("switch", { name: "Disclose commercial content" }).check();
    await postButton(page).focus();
    await expectNoBarriers(page);
    await page.getByRole("checkbox", { name: "Branded content" }).check();
    await page.getByRole("switch", { name: "AI-generated content" }).check();
    await page.getByLabel("Cover frame").fill("1500");
    await privacyMenu(page).click();
    await page.keyboard.press("End");
    await expectNoBarriers(page);
    await page.keyboard.press("Escape");
    await choosePrivacy(page, "Everyone");
    await page.getByLabel("Caption").fill("x".repeat(2201));
    await expectNoBarriers(page);

    await page.getByRole("button", { name: "notes.mp4" }).first().click();
    await page.getByRole("alert").waitFor();
    await expectNoBarriers(page);
  });

  it("of an account that cannot post, that must be connected again, or that TikTok says nothing about", async () => {
    const { page } = await visit();
    const fault = { operation: "creatorInfo", kind: "status", times: null };
    const states = [
      [{ ...fault, status: 200, code: "reached_active_user_cap" }, "cannot post right now"],
      [{ ...fault, status: 500 }, "TikTok could not be asked"],
    ] as const;
    for (const [rule, words] of states) {
      await control(stage, "POST", "faults", rule);
      await choose(page, builtInVideo);
      await page.getByText(words).waitFor();
      await expectNoBarriers(page);
      await control(stage, "DELETE", "faults");
      await page.getByRole("button", { name: "Remove demo.mp4" }).click();
    }
  });

  it("of a quiet creator, as a draft, and with the menu of accounts and its question", async () => {
    const { page } = await open("quiet.creator");
    await expectNoBarriers(page);
    await page.getByRole("radio", { name: "Send as draft" }).check();
    await expectNoBarriers(page);
    await page.getByRole("button", { name: "Accounts" }).click();
    await expectNoBarriers(page);
    await page.getByRole("button", { name: "Disconnect Quiet Creator" }).click();
    await page.getByRole("dialog").waitFor();
    await expectNoBarriers(page);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
  });
});

describe("without a pointer", () => {
  it("a post is filled in and sent, in the order in which it is read", async () => {
    const { page } = await visit("private.creator");
    await choose(page, builtInVideo);
    await page.getByLabel("Caption").waitFor();
    await page.getByRole("radio", { name: "Post directly" }).focus();
    const tab = () => page.keyboard.press("Tab");
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
    const text = () => page.evaluate(() => document.activeElement?.textContent);
    await tab();
    await page.keyboard.type("By hand alone");
    await tab();
    expect(await text()).toBe("Choose who can view it");
    for (const key of ["Enter", "o", "Enter"]) await page.keyboard.press(key);
    expect(await text()).toBe("Only me");
    await tab();
    await page.keyboard.press("Space");
    expect(await page.getByRole("checkbox", { name: "Comment" }).isChecked()).toBe(true);
    // A private account has no duet and no stitch to switch on.
    await tab();
    expect(await focused()).toBe("Disclose commercial content");
    await page.keyboard.press("Space");
    await tab();
    expect(await focused()).toBe("Your brand");
    await page.keyboard.press("Space");
    await tab();
    expect(await focused()).toBe("AI-generated content");
    await tab();
    expect(await text()).toBe("Music Usage Confirmation");
    await tab();
    expect(await text()).toBe("Post to TikTok");
    await page.keyboard.press("Enter");
    await cardAt(page, "published", "By hand alone");
    // The form is gone; the focus is where the post can be watched.
    expect(await text()).toBe("Your posts");
  });
});
