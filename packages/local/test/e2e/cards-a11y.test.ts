/** Nobody is kept out of what follows a post: axe finds nothing on any card, in light and in dark. */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { uploads } from "../../../web/src/strings/uploads.ts";
import { builtInVideo } from "../../src/demo/video.ts";
import { findBarriers } from "./axe.ts";
import { showEveryCard } from "./every-card.ts";
import { createDial } from "./line.ts";
import { cardAt, connect, type Stage, startStage } from "./stage.ts";
import { cardOf, cardShowing, grow, post } from "./steps.ts";
import { newVisitor, patience, stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

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
  // For longer than anybody waits below, however slow the machine is.
  await dial.setRate(1_000_000);
  await post(page, path, title);
  const card = cardOf(page, title);
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
  await card.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("dialog").waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await card.getByRole("button", { name: "Resume" }).click();
  await dial.goOffline();
  await cardShowing(page, "offline", title);
  expect(await findBarriers(page)).toEqual([]);

  await dial.hold();
  await page.reload();
  const picker = card.getByLabel("Choose file to resume");
  await cardShowing(page, "interrupted", title);
  await picker.setInputFiles(builtInVideo);
  await card.getByText("That is another file.").waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await dial.setRate(null);
  await picker.setInputFiles(path);
  const published = await cardAt(page, "published", title);
  await published.getByRole("link", { name: title }).click();
  await page.getByRole("heading", { name: "What happened" }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
  await page.goto(`${stage.host.url}/p/0123456789abcdef`);
  await page.getByRole("heading", { name: "There is no such post" }).waitFor();
  expect(await findBarriers(page)).toEqual([]);
});

it("a card has none, whatever it shows", async () => {
  const { page } = await newVisitor(stage);
  await connect(stage, page);
  await showEveryCard(page);
  const faces = () =>
    page.locator("article").evaluateAll((cards) => cards.map((card) => card.dataset.face));
  // A face that the page learns to show has to be shown here as well.
  await expect
    .poll(async () => [...new Set(await faces())].sort(), patience)
    .toEqual(Object.keys(uploads.status).sort());
  // One is looked for as long as anybody looks; every other has been found by then.
  await expect
    .poll(async () => (await faces()).filter((face) => face === "checking").length, patience)
    .toBe(1);
  const shown = await faces();
  expect(await findBarriers(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await findBarriers(page)).toEqual([]);
  expect(await faces()).toEqual(shown);
});
