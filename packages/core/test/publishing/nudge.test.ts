/** When the relay message is sent again, and when a long backlog explains why no relay has begun. */
import { describe, expect, it } from "vitest";
import { relaySlots } from "../../src/publishing/backlog.ts";
import { leaseMs } from "../../src/publishing/hold.ts";
import { poll } from "../../src/publishing/index.ts";
import { type Journey, minuteMs, queued, tamper } from "./journey.ts";

/** Ticks each minute while `waiting` messages stand in line. Answers in which minutes a message was sent. */
async function sentIn({ world, id }: Journey, minutes: number, waiting: number | "unknown") {
  const sent: number[] = [];
  let asked = 0;
  const relayQueue = {
    ...world.deps.relayQueue,
    waiting: async () => {
      asked += 1;
      if (waiting === "unknown") throw new Error("SQS is not to be reached");
      return waiting;
    },
    send: async ({ body }: { body: string }) => {
      expect(body).toContain(id);
      sent.push(minute);
    },
  };
  let minute = 0;
  for (minute = 1; minute <= minutes; minute += 1) {
    await world.clock.advance(minuteMs);
    const deps = { ...world.deps, relayQueue };
    await world.clock.run(poll(deps, { deadlineMs: world.clock.nowMs() + minuteMs }));
  }
  return { sent, asked };
}

/** A relay that holds it, has begun, and has fallen silent. */
async function abandoned(): Promise<Journey> {
  const journey = await queued();
  const { world } = journey;
  world.deps.relayQueue.take();
  await tamper(journey, (publication) => ({
    ...publication,
    status: "relaying",
    lease: { owner: "dead", expiresAtMs: world.clock.nowMs() + leaseMs },
    dueAtMs: world.clock.nowMs() + leaseMs,
    nudges: 0,
  }));
  return journey;
}

describe("nudge", () => {
  it("is sent each time when hardly anybody stands in line", async () => {
    const { sent } = await sentIn(await queued(), 20, relaySlots - 1);
    expect(sent).toEqual([1, 2, 4, 8, 16]);
  });

  it("is sent each time when nobody can tell how long the line is", async () => {
    const { sent } = await sentIn(await queued(), 20, "unknown");
    expect(sent).toEqual([1, 2, 4, 8, 16]);
  });

  it("waits in a long backlog for an hour, and then for twice as long", async () => {
    const { sent, asked } = await sentIn(await queued(), 8 * 60, relaySlots);
    expect(sent).toHaveLength(3);
    expect(sent[0]).toBeGreaterThanOrEqual(60);
    expect(sent[0]).toBeLessThanOrEqual(76);
    expect(sent[1]).toBeGreaterThanOrEqual(120);
    expect(sent[2]).toBeGreaterThanOrEqual(240);
    // Only what is due is looked at: less and less often.
    expect(asked).toBeLessThan(45);
  });

  it("is sent at once for a dead relay, however long the line", async () => {
    const { sent } = await sentIn(await abandoned(), 10, 500);
    expect(sent).toEqual([1]);
  });

  it("is sent for the end of a long wait, for which no message was ever sent", async () => {
    const journey = await queued();
    const { world } = journey;
    world.deps.relayQueue.take();
    const untilMs = world.clock.nowMs() + 30 * minuteMs;
    await tamper(journey, (publication) => ({
      ...publication,
      waiting: { reason: "spam_risk_too_many_posts", untilMs },
      dueAtMs: untilMs - 1.5 * minuteMs,
    }));
    const { sent } = await sentIn(journey, 40, 500);
    expect(sent).toEqual([29]);
  });

  it("looks for what has begun each minute, because its upload URL runs out", async () => {
    const journey = await queued();
    await tamper(journey, (publication) => ({ ...publication, status: "relaying" }));
    const { sent, asked } = await sentIn(journey, 10, 500);
    expect(sent).toEqual([]);
    expect(asked).toBe(10);
  });
});
