import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createDial } from "./line.ts";
import { cardAt, compose, connect, type Stage, startStage, submit } from "./stage.ts";
import { cardShowing, grow } from "./steps.ts";
import { newVisitor, stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ isAudited: true });
}, stageTimeoutMs);
afterAll(() => stage?.close());

/** Nothing reaches beyond the screen, and each button can be hit with a thumb (WCAG 2.2, 2.5.8: 24 pixels). */
async function expectFits(page: Page): Promise<void> {
  const { overflow, small } = await page.evaluate(() => {
    const controls = [...document.querySelectorAll("button, .button, input, [role=combobox]")];
    const boxes = controls.map((node) => ({ node, box: node.getBoundingClientRect() }));
    return {
      overflow: document.documentElement.scrollWidth - innerWidth,
      small: boxes
        .filter(({ node, box }) => node.checkVisibility() && box.width > 1 && box.height < 24)
        .filter(({ node }) => node.closest("label") === null)
        .map(({ node }) => node.outerHTML.slice(0, 120)),
    };
  });
  expect(overflow).toBeLessThanOrEqual(0);
  expect(small).toEqual([]);
}

it.each([
  { width: 320, height: 640 },
  { width: 390, height: 844 },
])("a phone of $width pixels takes a video from the first visit to published", async (viewport) => {
  const { page, expectClean } = await newVisitor(stage, {
    viewport,
    hasTouch: true,
    isMobile: true,
  });
  const title = `In the pocket, ${viewport.width} pixels wide #averylonghashtagthatcannotbebroken`;
  const path = await grow(stage, `pocket-${viewport.width}.mp4`, 12_000_000);
  await page.goto(stage.host.url);
  await expectFits(page);
  await connect(stage, page);
  await expectFits(page);
  await compose(page, { path, caption: title });
  await expectFits(page);
  const dial = await createDial(page);
  await dial.hold();
  await submit(page);
  const card = await cardShowing(page, "uploading", title);
  await expectFits(page);
  await card.getByRole("button", { name: "Cancel" }).tap();
  await expectFits(page);
  await page.getByRole("button", { name: "Keep going" }).tap();
  await dial.setRate(null);
  const published = await cardAt(page, "published", title);
  await expectFits(page);
  await published.getByRole("link", { name: title }).tap();
  await page.getByRole("heading", { name: "What happened" }).waitFor();
  await expectFits(page);
  expectClean();
});
