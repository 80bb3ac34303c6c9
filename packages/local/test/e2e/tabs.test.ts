import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createDial, watchConfirmed, watchLine } from "./line.ts";
import { cardAt, connect, type Stage, startStage } from "./stage.ts";
import { cardOf, cardShowing, expectPostedOnce, grow, post, until } from "./steps.ts";
import { newVisitor, stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ isAudited: true });
}, stageTimeoutMs);
afterAll(() => stage?.close());

it("a second tab shows the upload of the first, steers it, and goes on with its file when it closes", async () => {
  const { context, page, expectClean } = await newVisitor(stage);
  const line = watchLine(stage);
  const confirmed = watchConfirmed(page);
  const title = "Two tabs";
  const path = await grow(stage, "tabs.mp4", 48_000_000);
  await connect(stage, page);
  const dial = await createDial(page);
  await dial.setRate(8_000_000);
  await post(page, path, title);
  await until(() => confirmed.size > 0);
  await dial.hold();
  const storedAgain = line.watchStored(confirmed);

  const other = await context.newPage();
  await other.goto(stage.host.url);
  const mirrored = await cardShowing(other, "uploading", title);
  await mirrored.getByText("Another tab of this browser is uploading it.").waitFor();
  await mirrored.getByText(/^[1-9]\d* %$/).waitFor();

  await mirrored.getByRole("button", { name: "Pause" }).click();
  await cardShowing(page, "paused", title);
  await cardOf(other, title).getByRole("button", { name: "Resume" }).click();
  await cardShowing(page, "uploading", title);
  await until(() => line.underWayCount() > 0);

  await page.close();
  await cardAt(other, "published", title);
  expect(storedAgain()).toEqual([]);
  await expectPostedOnce(stage, path);
  expectClean();
});
