import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createDial, watchConfirmed, watchLine } from "./line.ts";
import { cardAt, connect, type Stage, startStage } from "./stage.ts";
import { cardShowing, expectPostedOnce, grow, post, until } from "./steps.ts";
import { newVisitor, stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ isAudited: true });
}, stageTimeoutMs);
afterAll(() => stage?.close());

it("a session that ends in mid-upload keeps the page, and the upload goes on after signing in again", async () => {
  // Not `expectClean`: the browser reports each refused call, and refusals are what this is about.
  const { context, page } = await newVisitor(stage);
  const line = watchLine(stage);
  const confirmed = watchConfirmed(page);
  const title = "Signed out in the middle";
  const path = await grow(stage, "session.mp4", 48_000_000);
  await connect(stage, page);
  const dial = await createDial(page);
  await dial.setRate(8_000_000);
  await post(page, path, title);
  await until(() => confirmed.size > 0);
  await dial.hold();
  const storedAgain = line.watchStored(confirmed);
  await page.evaluate(() => Object.assign(globalThis, { isTheSamePage: true }));
  await context.clearCookies();
  await dial.setRate(null);

  const card = await cardShowing(page, "signed_out", title);
  await card.getByText("Sign in again, and it goes on by itself.").waitFor();
  const [popup] = await Promise.all([
    context.waitForEvent("page"),
    card.getByRole("link", { name: "Sign in again" }).click(),
  ]);
  await popup.getByRole("radio", { name: "@demo.creator" }).check();
  await Promise.all([
    popup.waitForEvent("close"),
    popup.getByRole("button", { name: "Continue" }).click(),
  ]);

  await cardAt(page, "published", title);
  expect(await page.evaluate(() => "isTheSamePage" in globalThis)).toBe(true);
  expect(storedAgain()).toEqual([]);
  await expectPostedOnce(stage, path);
});
