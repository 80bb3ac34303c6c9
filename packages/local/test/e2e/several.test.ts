import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createDial, watchLine } from "./line.ts";
import { cardAt, connect, type Stage, startStage } from "./stage.ts";
import { cardOf, cardShowing, expectPostedOnce, grow, post, until } from "./steps.ts";
import { newVisitor, stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ isAudited: true });
}, stageTimeoutMs);
afterAll(() => stage?.close());

/** A browser opens no more connections to one host. */
const connectionsMax = 6;

it("several videos are uploaded side by side over shared connections, each with its own card", async () => {
  const { page, expectClean } = await newVisitor(stage);
  const line = watchLine(stage);
  await connect(stage, page);
  const dial = await createDial(page);
  await dial.setRate(4_000_000);
  const titles = ["First of three", "Second of three", "Third of three"];
  // At this rate the first takes half a minute alone: it is still there when the third has begun.
  const sizes = [120_000_000, 60_000_000, 20_000_000];
  const paths = await Promise.all(
    sizes.map((totalBytes, index) => grow(stage, `several-${index}.mp4`, totalBytes)),
  );
  for (const [index, title] of titles.entries()) {
    await post(page, paths[index] ?? "", title);
    await cardShowing(page, "uploading", title);
  }
  // Each one moves while the others do: none waits for another to be through.
  await until(async () => {
    const values = await Promise.all(
      titles.map((title) => cardOf(page, title).getByRole("progressbar").getAttribute("value")),
    );
    return values.every((value) => Number(value) > 0);
  });
  await cardOf(page, "Second of three").getByRole("button", { name: "Pause" }).click();
  await dial.setRate(null);
  await cardAt(page, "published", "First of three");
  await cardAt(page, "published", "Third of three");
  const paused = await cardShowing(page, "paused", "Second of three");
  await paused.getByRole("button", { name: "Resume" }).click();
  await cardAt(page, "published", "Second of three");
  expect(line.lanesMax()).toBeLessThanOrEqual(connectionsMax);
  for (const path of paths) await expectPostedOnce(stage, path);
  expectClean();
});
