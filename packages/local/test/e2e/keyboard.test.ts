import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createDial } from "./line.ts";
import { cardAt, connect, type Stage, startStage } from "./stage.ts";
import { cardShowing, grow } from "./steps.ts";
import { newVisitor, patience, stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ isAudited: true });
}, stageTimeoutMs);
afterAll(() => stage?.close());

/** More than the page has; a trap would be found here. */
const tabsMax = 60;

/** Presses Tab until the focused element is called that, as somebody without a mouse does. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const seen: string[] = [];
  for (let press = 1; press <= tabsMax; press += 1) {
    await page.keyboard.press("Tab");
    const label = await focusedName(page);
    seen.push(label);
    if (name.test(label)) return;
  }
  throw new Error(`Nothing called ${name} in: ${seen.join(" | ")}`);
}

function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    const node = document.activeElement;
    const labelledBy = node?.getAttribute("aria-labelledby")?.split(" ") ?? [];
    const labels = node instanceof HTMLInputElement ? [...(node.labels ?? [])] : [];
    const byId = [...labelledBy, node?.id ?? ""].flatMap((id) => [
      document.getElementById(id),
      document.querySelector(`label[for="${id}"]`),
    ]);
    const texts = [...labels, ...byId, node].map((found) => found?.textContent ?? "");
    return [node?.getAttribute("aria-label") ?? "", ...texts].join(" ").trim();
  });
}

it("the keyboard alone takes a video from the file to published, and keeps its place on the card", async () => {
  const { page, expectClean } = await newVisitor(stage);
  const title = "No mouse";
  const path = await grow(stage, "keys.mp4", 12_000_000);
  // A dialog of the system is the system's to operate; the older kind can be answered by a test.
  await page.addInitScript(() => Reflect.deleteProperty(globalThis, "showOpenFilePicker"));
  await connect(stage, page);
  const dial = await createDial(page);
  await dial.hold();

  await tabTo(page, /Video file/);
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.keyboard.press("Space"),
  ]);
  await chooser.setFiles(path);
  await page.getByLabel("Caption").waitFor();
  await tabTo(page, /Caption/);
  await page.keyboard.type(title);
  await tabTo(page, /Who can view this video/);
  await page.keyboard.press("Enter");
  await page.getByRole("option", { name: "Everyone" }).waitFor();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.locator('button[type=submit][aria-disabled="false"]').waitFor();
  await tabTo(page, /Post to TikTok/);
  await page.keyboard.press("Enter");

  await cardShowing(page, "uploading", title);
  // The form is gone; the keyboard waits at the head of the list.
  await expect.poll(() => focusedName(page), patience).toMatch(/^Your posts/);
  await tabTo(page, /^Pause: No mouse/);
  await page.keyboard.press("Enter");
  await cardShowing(page, "paused", title);
  await expect.poll(() => focusedName(page), patience).toMatch(/^Resume: No mouse/);
  await page.keyboard.press("Enter");
  await cardShowing(page, "uploading", title);
  await tabTo(page, /^Cancel: No mouse/);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await expect.poll(() => focusedName(page), patience).toMatch(/^Cancel: No mouse/);

  await dial.setRate(null);
  const card = await cardAt(page, "published", title);
  // The button is gone, and the card itself has taken over.
  await expect
    .poll(() => card.evaluate((node) => node === document.activeElement), patience)
    .toBe(true);
  // The link comes a moment after the post.
  await card.getByRole("link", { name: "View on TikTok" }).waitFor();
  await tabTo(page, /View on TikTok/);
  expectClean();
});
