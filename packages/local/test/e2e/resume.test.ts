import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { builtInVideo } from "../../src/demo/video.ts";
import { createDial, watchConfirmed, watchLine } from "./line.ts";
import { cardAt, choosePrivacy, connect, type Stage, startStage, submit } from "./stage.ts";
import { cardOf, cardShowing, expectPostedOnce, grow, post, until } from "./steps.ts";
import { newVisitor, patience, stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ isAudited: true });
}, stageTimeoutMs);
afterAll(() => stage?.close());

const totalBytes = 48_000_000;
/** Half of it is stored after three seconds, and then there are three seconds to hold the rest. */
const rate = 8_000_000;

/** Leaves the page in the middle and comes back, as after a night. */
async function reload(page: Page): Promise<string[]> {
  const warnings: string[] = [];
  page.once("dialog", (dialog) => {
    warnings.push(dialog.type());
    return dialog.accept();
  });
  await page.reload();
  return warnings;
}

describe("an upload in the middle", () => {
  it("warns before a reload, asks for the same file, and sends no stored part again", async () => {
    const { page, expectClean } = await newVisitor(stage);
    const line = watchLine(stage);
    const confirmed = watchConfirmed(page);
    const title = "The long one";
    const path = await grow(stage, "long.mp4", totalBytes);
    await connect(stage, page);
    const dial = await createDial(page);
    await dial.setRate(rate);
    await post(page, path, title);
    await until(() => confirmed.size > 0);
    await dial.hold();
    const storedAgain = line.watchStored(confirmed);
    expect(await reload(page)).toEqual(["beforeunload"]);
    await dial.setRate(null);

    const card = await cardShowing(page, "interrupted", title);
    await card.getByText("This upload was interrupted.").waitFor();
    const picker = card.getByLabel("Choose file to resume");
    await picker.setInputFiles(builtInVideo);
    await card.getByText("That is another file.").waitFor();
    await picker.setInputFiles(path);

    await cardAt(page, "published", title);
    expect(storedAgain()).toEqual([]);
    await expectPostedOnce(stage, path);
    expectClean();
  });

  it("is paused and resumed: nothing moves meanwhile, and nothing stored is sent again", async () => {
    const { page, expectClean } = await newVisitor(stage);
    const line = watchLine(stage);
    const confirmed = watchConfirmed(page);
    const title = "Stop and go";
    const path = await grow(stage, "stop.mp4", totalBytes + 1_000);
    await connect(stage, page);
    const dial = await createDial(page);
    await dial.setRate(rate);
    await post(page, path, title);
    await until(() => confirmed.size > 0);
    await dial.hold();
    await cardOf(page, title).getByRole("button", { name: "Pause" }).click();
    const card = await cardShowing(page, "paused", title);
    await until(() => line.underWayCount() === 0);
    const storedAgain = line.watchStored(confirmed);
    const confirmedCount = confirmed.size;
    const receivedBytes = line.receivedBytes();
    await dial.setRate(null);
    await card.getByText("What was uploaded is kept.").waitFor();
    expect(line.receivedBytes()).toBe(receivedBytes);
    expect(confirmed.size).toBe(confirmedCount);

    // The same button with another word: the keyboard has not lost its place.
    const button = card.getByRole("button", { name: "Resume" });
    await expect
      .poll(() => button.evaluate((node) => node === document.activeElement), patience)
      .toBe(true);
    await button.press("Enter");
    await cardAt(page, "published", title);
    expect(storedAgain()).toEqual([]);
    await expectPostedOnce(stage, path);
    expectClean();
  });
});

describe("where the browser keeps the file", () => {
  it("an upload goes on after a reload without asking, or after one click", async () => {
    const { context, page, expectClean } = await newVisitor(stage);
    const title = "By itself";
    const path = await grow(stage, "kept.mp4", totalBytes + 2_000);
    // A dialog of the system cannot be pressed by a test: it is answered with a file of the browser's own file system,
    // whose handle is a real one. Its permission is taken back to see what is asked then.
    await context.addInitScript(() => {
      const keep = async () => {
        const folder = await navigator.storage.getDirectory();
        return [await folder.getFileHandle("kept.mp4")];
      };
      Object.assign(globalThis, { showOpenFilePicker: keep });
      if (sessionStorage.getItem("asks") === null) return;
      let permission = "prompt";
      Object.assign(FileSystemHandle.prototype, {
        queryPermission: async () => permission,
        requestPermission: async () => {
          permission = "granted";
          return permission;
        },
      });
    });
    await connect(stage, page);
    await keepInBrowser(page, path);
    const dial = await createDial(page);
    await dial.hold();
    await page.getByLabel("Video file").click();
    await page.getByLabel("Caption").fill(title);
    await choosePrivacy(page, "Everyone");
    await submit(page);
    await cardShowing(page, "uploading", title);

    await reload(page);
    await cardShowing(page, "uploading", title);

    await page.evaluate(() => sessionStorage.setItem("asks", "yes"));
    await reload(page);
    const card = await cardShowing(page, "interrupted", title);
    await dial.setRate(null);
    await card.getByRole("button", { name: "Continue upload" }).click();
    await cardAt(page, "published", title);
    await expectPostedOnce(stage, path);
    expectClean();
  });
});

async function keepInBrowser(page: Page, path: string): Promise<void> {
  await page.evaluate(() => {
    const input = document.createElement("input");
    input.type = "file";
    input.id = "keep";
    document.body.append(input);
  });
  await page.locator("#keep").setInputFiles(path);
  await page.evaluate(async () => {
    const input = document.querySelector<HTMLInputElement>("#keep");
    const file = input?.files?.[0];
    if (file === undefined) throw new Error("No file to keep.");
    const folder = await navigator.storage.getDirectory();
    const handle = await folder.getFileHandle("kept.mp4", { create: true });
    const sink = await handle.createWritable();
    await file.stream().pipeTo(sink);
    input?.remove();
  });
}
