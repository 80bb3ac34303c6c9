/** What the simulation found, each as the smallest life in which it happened. */
import { openId, userId } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { accountKey, accountSchema, openPair } from "../../src/auth/accounts.ts";
import { refreshAccount, withToken } from "../../src/auth/index.ts";
import { assert } from "../../src/errors/index.ts";
import { loadPublication, transition } from "../../src/publications/index.ts";
import { check, poll } from "../../src/publishing/index.ts";
import { judge, urlLife } from "../../src/publishing/task.ts";
import { load, type TableStore } from "../../src/table/index.ts";
import { TikTokRefusal } from "../../src/tiktok/index.ts";
import {
  connectedWorld,
  minuteMs,
  processing,
  queued,
  statusOf,
  tamper,
} from "../publishing/journey.ts";

/** Fails the writes of some rows, a given number of times. */
function failing(table: TableStore, isHit: (sk: string) => boolean, times: number): TableStore {
  let left = 0;
  return {
    ...table,
    put(row, expectedVersion) {
      left += isHit(row.sk) ? 1 : 0;
      if (isHit(row.sk) && left > 1 && left <= times + 1)
        return Promise.reject(new Error("throttled"));
      return table.put(row, expectedVersion);
    },
  };
}

describe("what the simulation found", () => {
  it("keeps a refreshed pair although the table fails after TikTok's answer", async () => {
    const world = await connectedWorld();
    // The first write of the account claims the refresh, the next two would store the pair.
    const table = failing(world.deps.table, (sk) => sk.startsWith("ACCOUNT#"), 2);
    const deps = { ...world.deps, table };
    const fresh = await world.clock.run(refreshAccount(deps, { userId, openId }));

    const stored = await load(world.deps, accountSchema, accountKey(userId, openId));
    assert(stored, "the account is stored");
    expect((await openPair(world.deps, stored.value)).accessToken).toBe(fresh.accessToken);
    expect(stored.value.refreshing).toBeNull();
    expect(world.tiktok.refreshes).toBe(1);
  });

  it("refreshes when the token that somebody else has stored meanwhile is dead as well", async () => {
    const world = await connectedWorld();
    let calls = 0;
    const answer = withToken(world.deps, { userId, openId }, async (token) => {
      calls += 1;
      // Between the two, another function refreshes and TikTok kills that token too.
      if (calls === 1) await refreshAccount(world.deps, { userId, openId });
      if (calls <= 2)
        throw new TikTokRefusal("access_token_invalid", "", { httpStatus: 401, logId: null });
      return token;
    });
    expect(await world.clock.run(answer)).toMatch(/^act\./);
    expect(calls).toBe(3);
    expect(world.tiktok.refreshes).toBe(2);
  });

  it("empties storage although the link was found before", async () => {
    const journey = await processing();
    const { world, ids, task } = journey;
    world.tiktok.finish(task, { stage: "published", postIds: [] });
    // Settled by a function that died before it emptied storage.
    await tamper(journey, (publication) => {
      const event = { type: "published" as const, postIds: [] };
      const step = transition(publication, event, world.clock.nowMs());
      assert(step, "a processing publication takes its outcome");
      return step.next;
    });
    world.tiktok.finish(task, { stage: "published", postIds: ["76"] });
    await world.clock.run(check(world.deps, { ...ids, check: null }));
    expect((await loadPublication(world.deps, ids))?.value.postIds).toEqual(["76"]);

    await world.clock.advance(2 * minuteMs);
    await world.clock.run(poll(world.deps, { deadlineMs: world.clock.nowMs() + minuteMs }));
    expect(world.deps.storage.objects()).toEqual([]);
  });

  it("believes a 201 that it has seen although the status is behind", async () => {
    const { world, ids } = await processing();
    const stored = await loadPublication(world.deps, ids);
    assert(stored?.value.task, "the task is on record");
    const behind = statusOf({ stage: "uploading", uploadedBytes: 0 });
    const verdict = judge(stored.value, stored.value.task, behind, true);
    expect(verdict).toEqual({ type: "delivered" });
  });

  it("holds an upload URL for undecided until it is surely dead", async () => {
    const { world, ids } = await processing();
    const task = (await loadPublication(world.deps, ids))?.value.task;
    assert(task, "the task is on record");
    const at = (minutes: number) => urlLife(task, task.issuedAtMs + minutes * minuteMs).type;
    expect([58, 59, 60, 61].map(at)).toEqual(["alive", "dying", "dying", "dead"]);
  });

  it("outwaits the holder before it, which may only sleep, before it confirms a cancellation", async () => {
    const journey = await queued();
    const { world, id } = journey;
    world.deps.relayQueue.take();
    for (let tries = 0; tries < 4; tries += 1) {
      world.tiktok.chunkScript.push({ type: "unknown", reason: "UND_ERR_SOCKET" });
    }
    expect(await world.relay(id)).toBe("parked");
    const beganMs = world.clock.nowMs();
    await tamper(journey, (publication) => ({
      ...publication,
      lease: { owner: "relay-0", expiresAtMs: beganMs - 1 },
      cancelRequestedAtMs: beganMs,
    }));
    const ended = world.relay(id, "relay-2");
    // The sleeper wakes up and its request arrives.
    const [task] = world.tiktok.tasks;
    assert(task, "the relay has created a task");
    void world.clock.wait(40_000).then(() => {
      task.receivedBytes = task.bytes;
    });
    expect(await ended).toBe("delivered");
  });
});
