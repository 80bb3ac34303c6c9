import { createWorld } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { parseCheckMessage, parseRelayMessage, sendRelay } from "../../src/publishing/index.ts";
import { sendCheck } from "../../src/publishing/messages.ts";

const ids = { userId: "user-1", id: "publication-1" };

describe("queue messages", () => {
  it("carry ids and nothing else, grouped by user", async () => {
    const { deps } = createWorld();
    await sendRelay(deps, { ...ids, status: "queued" } as typeof ids);
    const [message] = deps.relayQueue.take();
    expect(message?.groupId).toBe("user-1");
    expect(parseRelayMessage(message?.body ?? "")).toEqual({
      userId: "user-1",
      publicationId: "publication-1",
    });
  });

  it.each([3, null])("tell a check its place in the schedule (%o)", async (check) => {
    const { deps } = createWorld();
    await sendCheck(deps, ids, { check, delayMs: 0 });
    const [message] = deps.checkQueue.take();
    expect(parseCheckMessage(message?.body ?? "").check).toBe(check);
  });

  it.each([
    [0, 0],
    [1, 1],
    [1_000, 1],
    [1_001, 2],
    [900_000, 900],
    [3_600_000, 900],
  ])("round a delay of %i ms up to %i s, within SQS's limit", async (delayMs, seconds) => {
    const { deps, clock } = createWorld();
    await sendRelay(deps, ids, delayMs);
    expect(deps.relayQueue.messages[0]?.visibleAtMs).toBe(clock.nowMs() + seconds * 1_000);
  });

  it.each([
    "",
    "not json",
    "null",
    "{}",
    '{"userId":"user-1"}',
    '{"userId":1,"publicationId":"p"}',
    '{"userId":"u","publicationId":"p","status":"failed"}',
  ])("are refused when we did not send them: %s", (body) => {
    expect(() => parseRelayMessage(body)).toThrow();
    expect(() => parseCheckMessage(body)).toThrow();
  });

  it("are refused with a check that is not a number of the schedule", () => {
    const body = { userId: "u", publicationId: "p", check: 1.5 };
    expect(() => parseCheckMessage(JSON.stringify(body))).toThrow();
    expect(parseCheckMessage(JSON.stringify({ ...body, check: 1 })).check).toBe(1);
  });
});
