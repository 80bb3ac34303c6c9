/** While a publication waits: the creator reads what for and until when, and then it goes on by itself. */
import { describe, expect, it } from "vitest";
import { listResponse } from "../../src/contract.ts";
import { read } from "../browser.ts";
import { connected, statusOf, uploaded } from "../creator.ts";
import { createHarness } from "../harness.ts";

async function queued() {
  const harness = createHarness();
  const browser = await connected(harness);
  const { id } = await uploaded(harness, browser);
  return { harness, browser, id };
}

describe("a publication that waits", () => {
  it("says in a sentence what is waited for", async () => {
    const { harness, browser, id } = await queued();
    for (let tries = 0; tries < 4; tries += 1) {
      harness.tiktok.chunkScript.push({ type: "unknown", reason: "502" });
    }
    await harness.deliverRelays();
    const { status, waiting } = await statusOf(browser, id);
    expect(status).toBe("relaying");
    expect(waiting?.reason).toMatch(/^[A-Z].+\.$/);
    expect(waiting?.untilMs).toBeGreaterThan(harness.clock.nowMs());
  });

  it.each([
    ["spam_risk_too_many_posts", "daily limit for posts from apps. We post the video"],
    ["spam_risk_too_many_pending_share", "Five drafts still wait"],
    ["reached_active_user_cap", "daily limit of creators. We post the video"],
  ])("says of the cap %s that we wait, until when, and then goes on", async (cap, words) => {
    const { harness, browser, id } = await queued();
    harness.tiktok.refuseNext("init", cap);
    await harness.deliverRelays();

    const parked = await statusOf(browser, id);
    expect(parked).toMatchObject({ isSettled: false, failure: null });
    expect(parked.waiting?.reason).toContain(words);
    const untilMs = harness.clock.nowMs() + 3_600_000;
    expect(parked.waiting?.untilMs).toBe(untilMs);
    const { publications } = read(await browser.get("/api/publications"), listResponse);
    expect(publications[0]?.waiting).toEqual(parked.waiting);

    await harness.clock.advance(3_600_000);
    await harness.poll();
    await harness.deliverRelays();
    expect(await statusOf(browser, id)).toMatchObject({ status: "processing", waiting: null });
  });
});
