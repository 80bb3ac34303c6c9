/** Nobody is kept out of what follows a post: axe finds nothing on any card, in light and in dark. */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { findBarriers } from "./axe.ts";
import { showEveryCard } from "./every-card.ts";
import { createDial } from "./line.ts";
import { cardAt, connect, type Stage, startStage } from "./stage.ts";
import { cardOf, cardShowing, grow, post } from "./steps.ts";
import { newVisitor, stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ isAudited: true });
}, stageTimeoutMs);
afterAll(() => stage?.close());

it("an upload in every state of its way has no barriers", async () => {
  const { context, page } = await newVisitor(stage);
  const title = "Without barriers";
  const path = await grow(stage, "barriers.mp4", 48_000_000);
  await connect(stage, page);
  expect(await findBarriers(page)).toEqual([]);
  const dial = await createDial(page);
  await dial.setRate(8_000_000);
  await post(page, path, title);
  const card = await cardShowing(page, "uploading", title);
  await card.getByText(/ left$/).waitFor();
  await dial.hold();
  expect(await findBarriers(page)).toEqual([]);

  const other = await context.newPage();
  await other.goto(stage.host.url);
  await cardShowing(other, "uploading", title);
  expect(await findBarriers(other)).toEqual([]);
  await other.close();

  await card.getByRole("button", { name: "Pause" }).click();
  await cardShowing(page, "paused", title);
  expect(await findBarriers(page)).toEqual([]);
  await cardOf(page, title).getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("dialog").waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await cardOf(page, title).getByRole("button", { name: "Resume" }).click();
  await dial.goOffline();
  await cardShowing(page, "offline", title);
  expect(await findBarriers(page)).toEqual([]);
  await dial.setRate(null);
  const published = await cardAt(page, "published", title);
  await published.getByRole("link", { name: title }).click();
  await page.getByRole("heading", { name: "What happened" }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await page.goto(`${stage.host.url}/p/0123456789abcdef`);
  await page.getByRole("heading", { name: "There is no such post" }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
});

it("a history with one of each kind has no barriers", async () => {
  const { page } = await newVisitor(stage);
  await connect(stage, page);
  await showEveryCard(page);
  expect(await findBarriers(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await findBarriers(page)).toEqual([]);
});
