/** A creator's accounts: several at once, one that must be connected again and says why, and one that is let go. */

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { builtInVideo } from "../../src/demo/video.ts";
import { findBarriers } from "./axe.ts";
import { choose, control } from "./form.ts";
import { choosePrivacy, connect, type Stage, startStage } from "./stage.ts";
import { newVisitor, stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ isAudited: true });
}, stageTimeoutMs);
afterAll(() => stage?.close());

async function connectAnother(page: Page, creator: string): Promise<void> {
  await page.getByRole("button", { name: "Accounts" }).click();
  await page.getByRole("link", { name: "Connect another account" }).click();
  await page.getByRole("radio", { name: `@${creator}` }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { name: "Post a video" }).waitFor();
}

it("lets each video go to the account that was chosen for it, with nothing chosen for the other", async () => {
  const { page, expectClean } = await newVisitor(stage);
  await connect(stage, page);
  await connectAnother(page, "private.creator");
  await choose(page, builtInVideo);
  const account = page.getByLabel("Account", { exact: true });
  await account.selectOption({ label: "Demo Creator" });
  await page.getByText("@demo.creator").waitFor();
  await page.getByLabel("Caption").fill("Mine");
  await page.getByRole("checkbox", { name: "Comment" }).check();
  await choosePrivacy(page, "Everyone");
  await account.selectOption({ label: "Private Creator" });
  await page.getByText("@private.creator · Private account").waitFor();
  expect(await page.getByLabel("Caption").inputValue()).toBe("Mine");
  expect(await page.getByRole("checkbox", { name: "Comment" }).isChecked()).toBe(false);
  expect(await page.getByRole("combobox", { name: "Who can view" }).textContent()).toBe(
    "Choose who can view it",
  );
  expectClean();
});

it("shows which account must be connected again and why, and lets it be", async () => {
  const { page } = await newVisitor(stage);
  await connect(stage, page);
  await connectAnother(page, "private.creator");
  // The creator removes the app in TikTok's own settings; the page learns of it when it asks.
  await control(stage, "POST", "disconnect", { creator: "private.creator" });
  await choose(page, builtInVideo);
  const account = page.getByLabel("Account", { exact: true });
  await account.selectOption({ label: "Private Creator" });
  // The form says so, instead of asking for settings that lead nowhere.
  await page.getByRole("link", { name: "Reconnect", exact: true }).waitFor();
  expect(await page.getByLabel("Caption").count()).toBe(0);
  await account
    .getByText("Private Creator (must be connected again)")
    .waitFor({ state: "attached" });

  const menu = page.getByRole("button", { name: /Accounts.*One account must be connected again/ });
  await menu.click();
  const lost = page.getByRole("listitem").filter({ hasText: "Private Creator" });
  await lost.getByText("Must be connected again").waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await page.getByRole("link", { name: "Reconnect Private Creator" }).click();
  await page.getByRole("radio", { name: "@private.creator" }).check();
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { name: "Post a video" }).waitFor();
  expect(await menu.count()).toBe(0);
});

it("lets an account go only after asking, and is back at the beginning without any", async () => {
  const { page } = await newVisitor(stage);
  await connect(stage, page);
  await connectAnother(page, "private.creator");
  // Asking closes the menu, and it opens again with what has become of the accounts.
  const openMenu = () => page.getByRole("button", { name: /Accounts/ }).click();
  const disconnect = async (name: string, answer: string) => {
    await openMenu();
    await page.getByRole("button", { name: `Disconnect ${name}` }).click();
    await page.getByRole("dialog").getByRole("button", { name: answer }).click();
  };
  const others = page.getByRole("listitem").filter({ hasText: "Private Creator" });
  await disconnect("Private Creator", "Keep it");
  await openMenu();
  expect(await others.count()).toBe(1);
  await page.keyboard.press("Escape");
  await disconnect("Private Creator", "Disconnect");
  await openMenu();
  await expect.poll(() => others.count()).toBe(0);
  await page.keyboard.press("Escape");
  await disconnect("Demo Creator", "Disconnect");
  await page.getByRole("link", { name: "Connect TikTok account" }).waitFor();
});

it("finds out that the session has ended without a refusal, when the creator comes back to the page", async () => {
  const { context, page, expectClean } = await newVisitor(stage);
  await connect(stage, page);
  await page.getByText("Nothing posted yet.").waitFor();
  await context.clearCookies();
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
  await page.getByText("Your session has ended.").waitFor();
  // Chromium writes each refused request onto the console.
  expectClean();
});
