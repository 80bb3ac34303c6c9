import { createWorld } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { apply } from "../../src/publishing/apply.ts";
import { deadLetter } from "../../src/publishing/index.ts";
import { dying } from "../faults.ts";
import { processing, queued, tamper } from "./journey.ts";

describe("deadLetter", () => {
  it("fails a publication that nobody is at work on, and lets the creator try again", async () => {
    const { world, id, ids } = await queued();
    expect(await deadLetter(world.deps, ids)).toBe(true);
    expect(await world.get(id)).toMatchObject({
      status: "failed",
      failure: { code: "relay_failed", isRetryable: true },
      upload: { isRemoved: false },
    });
    expect(world.deps.storage.objects()).toHaveLength(1);
  });

  it("keeps one record of an attempt, however often its message comes, and says what is known", async () => {
    const journey = await queued();
    const { world, id, ids } = journey;
    await tamper(journey, (publication) => ({
      ...publication,
      status: "relaying",
      fence: 5,
      fruitlessRuns: 5,
      lease: { owner: "request-5", expiresAtMs: world.clock.nowMs() },
    }));
    const lost = dying(world.deps, { atCall: 4, when: "after" });
    await expect(deadLetter(lost, { ...ids, receives: 6 })).rejects.toThrow("died");
    await world.clock.advance(60_000);
    expect(await deadLetter(world.deps, { ...ids, receives: 7 })).toBe(true);
    expect(await deadLetter(world.deps, { ...ids, receives: 8 })).toBe(false);

    const rows = world.deps.table.rows().filter(({ pk }) => pk === "DEAD");
    expect(rows.map(({ data }) => data)).toEqual([
      {
        ...ids,
        attempt: 1,
        atMs: world.clock.nowMs() - 60_000,
        receives: 6,
        code: "relay_failed",
        lastRelay: "request-5",
        fence: 5,
        fruitlessRuns: 5,
        confirmedBytes: 0,
      },
    ]);
    expect(rows[0]?.expiresAt).toBe((world.clock.nowMs() - 60_000) / 1000 + 14 * 86_400);
    expect((await world.get(id)).status).toBe("failed");
  });

  it("keeps no record of a message whose publication is in good hands", async () => {
    const { world, ids } = await processing();
    await deadLetter(world.deps, ids);
    expect(world.deps.table.rows().filter(({ pk }) => pk === "DEAD")).toEqual([]);
  });

  it.each([
    ["leaves a living lease alone", 1, false],
    ["ends one that has run out", 0, true],
  ])("%s", async (_name, leftMs, isFailed) => {
    const journey = await queued();
    const expiresAtMs = journey.world.clock.nowMs() + leftMs;
    await tamper(journey, (publication) => ({
      ...publication,
      status: "relaying",
      lease: { owner: "relay-1", expiresAtMs },
    }));
    expect(await deadLetter(journey.world.deps, journey.ids)).toBe(isFailed);
    expect((await journey.world.get(journey.id)).status).toBe(isFailed ? "failed" : "relaying");
  });

  it("leaves a publication alone that waits for its time", async () => {
    const journey = await queued();
    journey.world.tiktok.refuseNext("init", "spam_risk_too_many_posts");
    await journey.world.relay(journey.id);
    expect(await deadLetter(journey.world.deps, journey.ids)).toBe(false);
    expect((await journey.world.get(journey.id)).waiting).not.toBeNull();
  });

  it("leaves a publication alone that has moved on, ended or is gone", async () => {
    const { world, ids, id } = await processing();
    expect(await deadLetter(world.deps, ids)).toBe(false);
    expect((await world.get(id)).status).toBe("processing");

    await apply(
      world.deps,
      { pk: `USER#${ids.userId}`, sk: `PUBLICATION#${id}` },
      { type: "cancelled" },
    );
    expect(await deadLetter(world.deps, ids)).toBe(false);
    expect(await deadLetter(createWorld().deps, ids)).toBe(false);
  });

  it("claims nothing when the publication ends or goes at the same moment", async () => {
    const journey = await queued();
    const { world, ids } = journey;
    const real = world.deps.table;
    let reads = 0;
    const table = {
      ...real,
      get: async (key: { pk: string; sk: string }) => {
        reads += 1;
        if (reads === 2) {
          await tamper(journey, (publication) => ({ ...publication, status: "cancelled" }));
        }
        return real.get(key);
      },
    };
    expect(await deadLetter({ ...world.deps, table }, ids)).toBe(false);
    expect((await world.get(journey.id)).status).toBe("cancelled");

    const other = await queued();
    let gets = 0;
    const forgetful = {
      ...other.world.deps.table,
      get: async (key: { pk: string; sk: string }) => {
        gets += 1;
        return gets > 1 ? null : other.world.deps.table.get(key);
      },
    };
    expect(await deadLetter({ ...other.world.deps, table: forgetful }, other.ids)).toBe(false);
  });
});
