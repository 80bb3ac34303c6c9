/**
 * Choosing videos: dropped anywhere, pasted or picked, several at once; each with its own form, checked before a byte is
 * sent, and settings that go from one to all.
 */
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { readTikTokSide } from "../../src/demo/tiktok-side.ts";
import { builtInVideo } from "../../src/demo/video.ts";
import { choose, createForms } from "./form.ts";
import {
  cardAt,
  choosePrivacy,
  postButton,
  privacyMenu,
  type Stage,
  startStage,
  submit,
} from "./stage.ts";
import { patience, stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ isAudited: true });
}, stageTimeoutMs);
afterAll(() => stage?.close());
const { visit } = createForms(() => stage);

function copies(...names: string[]): string[] {
  return names.map((name) => {
    const path = join(stage.dir, name);
    copyFileSync(builtInVideo, path);
    return path;
  });
}

/** As a hand would do it: files appear in the page's own events, wherever the pointer is. */
async function hand(page: Page, how: "drop" | "paste", names: string[], target: string) {
  const bytes = [...readFileSync(builtInVideo)];
  await page.evaluate(
    ({ how, names, target, bytes }) => {
      const transfer = new DataTransfer();
      for (const name of names) {
        transfer.items.add(new File([Uint8Array.from(bytes)], name, { lastModified: 1 }));
      }
      const at = document.querySelector(target);
      const fire = (type: string) =>
        at?.dispatchEvent(
          how === "drop"
            ? new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true })
            : new ClipboardEvent(type, {
                clipboardData: transfer,
                bubbles: true,
                cancelable: true,
              }),
        );
      for (const type of how === "drop" ? ["dragenter", "dragover", "drop"] : ["paste"]) fire(type);
    },
    { how, names, target, bytes },
  );
}

describe("videos come", () => {
  it("by dropping them on the page, also beside the place that invites to it", async () => {
    const { page, expectClean } = await visit();
    await hand(page, "drop", ["one.mp4", "two.mp4"], "footer");
    await page.getByRole("heading", { name: "Video 1 of 2: one.mp4" }).waitFor();
    // The veil that marks the page as a target is gone again.
    expect(await page.getByText("Drop to add").count()).toBe(0);
    expectClean();
  });

  it("by pasting, also into the caption of another", async () => {
    const { page } = await visit();
    await hand(page, "paste", ["one.mp4"], "body");
    await page.getByLabel("Caption").fill("Mine");
    await hand(page, "paste", ["two.mp4"], "textarea");
    await page.getByRole("heading", { name: "Video 1 of 2: one.mp4" }).waitFor();
    expect(await page.getByLabel("Caption").inputValue()).toBe("Mine");
  });

  it("by a dialog that hands out lasting handles, where the browser has one", async () => {
    const { page } = await visit();
    // The dialog itself is the browser's, and no test can reach into it.
    await page.evaluate(() => {
      const asked = window as unknown as { showOpenFilePicker(): Promise<unknown[]> };
      asked.showOpenFilePicker = async () => {
        const root = await navigator.storage.getDirectory();
        return [await root.getFileHandle("picked.mp4", { create: true })];
      };
    });
    await page.getByLabel("Video file").click();
    await page.getByText("This file is empty.").waitFor();
  });
});

describe("a file is told by its content", () => {
  it("and refused when no setting could help, before anything is asked", async () => {
    const { page, expectClean } = await visit();
    const text = join(stage.dir, "holiday.mp4");
    writeFileSync(text, "This is no video at all, whatever its name says.");
    await choose(page, text);
    await page.getByRole("alert").getByText("This is not a video TikTok accepts").waitFor();
    expect(await postButton(page).count()).toBe(0);
    await page.getByRole("button", { name: "Remove this file" }).click();
    const title = page.getByRole("heading", { name: "Post a video" });
    await expect
      .poll(() => title.evaluate((node) => node === document.activeElement), patience)
      .toBe(true);
    expectClean();
  });

  it("and accepted whatever it is called", async () => {
    const { page } = await visit();
    await choose(page, ...copies("renamed.txt"));
    await page.getByText("0:05 · 540 × 960 · 30 fps").waitFor();
    await choosePrivacy(page, "Everyone");
    await page.locator('button[type=submit][aria-disabled="false"]').waitFor();
  });
});

describe("several videos", () => {
  it("keep what was filled in for each, and are posted one after the other", async () => {
    const { page, expectClean } = await visit();
    const before = (await readTikTokSide(stage.host.sandboxUrl)).posts.length;
    await choose(page, ...copies("first.mp4", "second.mp4", "third.mp4"));
    const strip = page.getByRole("list", { name: "Chosen videos" });
    await page.getByLabel("Caption").fill("The first");
    await page.getByRole("checkbox", { name: "Comment" }).check();
    await choosePrivacy(page, "Everyone");
    await strip.getByRole("button", { name: "first.mp4 Ready to post" }).waitFor();
    await page.getByRole("button", { name: "Use these settings for all 3 videos" }).click();
    await page.getByText("All 3 videos have these settings now.").waitFor();

    await strip.getByRole("button", { name: "second.mp4" }).click();
    expect(await page.getByRole("checkbox", { name: "Comment" }).isChecked()).toBe(true);
    expect(await page.getByLabel("Caption").inputValue()).toBe("");
    // Who can view it is chosen by hand for each (guidelines, point 2b).
    expect(await privacyMenu(page).textContent()).toBe("Choose who can view it");
    await strip.getByRole("button", { name: "first.mp4" }).click();
    expect(await page.getByLabel("Caption").inputValue()).toBe("The first");
    expect(await privacyMenu(page).textContent()).toBe("Everyone");

    await submit(page);
    const next = page.getByRole("heading", { name: "Video 1 of 2: second.mp4" });
    await next.waitFor();
    await expect
      .poll(() => next.evaluate((node) => node === document.activeElement), patience)
      .toBe(true);
    await page.getByLabel("Caption").fill("The second");
    await choosePrivacy(page, "Everyone");
    await submit(page);
    await page.getByText("third.mp4", { exact: true }).first().waitFor();
    await expect.poll(() => strip.count()).toBe(0);
    await page.getByLabel("Caption").fill("The third");
    await choosePrivacy(page, "Everyone");
    await submit(page);
    for (const title of ["The first", "The second", "The third"]) {
      await cardAt(page, "published", title);
    }
    expect((await readTikTokSide(stage.host.sandboxUrl)).posts).toHaveLength(before + 3);
    await page.getByText("Drop videos anywhere on this page").waitFor();
    expectClean();
  });

  it("include one that cannot be posted, which holds up none of the others", async () => {
    const { page } = await visit();
    const text = join(stage.dir, "broken.mov");
    writeFileSync(text, "no video");
    await choose(page, ...copies("good.mp4"), text);
    await page.getByRole("button", { name: "broken.mov Cannot be posted" }).waitFor();
    await page.getByLabel("Caption").fill("The good one");
    await choosePrivacy(page, "Everyone");
    await submit(page);
    await cardAt(page, "published", "The good one");
    await page.getByRole("button", { name: "Remove broken.mov" }).waitFor();
  });
});
