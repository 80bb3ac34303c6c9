/** Many publications that are due in one tick: what the poller asks of the table and of TikTok, and how long it takes. */
import { openId, userId, type World } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { loadPublication, type Publication, saveNew } from "../../src/publications/index.ts";
import { poll } from "../../src/publishing/index.ts";
import { type TikTokApi, TikTokRefusal } from "../../src/tiktok/index.ts";
import { withTikTok } from "../faults.ts";
import { publicationIn, nowMs as sampleMs } from "../publications/samples.ts";
import { connectedWorld, megabyte, minuteMs, statusOf } from "./journey.ts";

const latencyMs = 200;
/** What a tick has: infra/poller.ts's timeout less the poller's reserve. */
const tickMs = 35_000;

type Deps = World["deps"];

/** As if they had been sent long ago: all of them are due. */
async function owe(world: World, count: number, owner = { userId, openId }): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `${owner.openId}-${n}`);
  for (const id of ids) {
    const task = {
      publishId: id,
      sealedUploadUrl: "sealed",
      issuedAtMs: sampleMs,
      chunkBytes: megabyte,
      chunkCount: 1,
      confirmedBytes: megabyte,
    };
    const dueAtMs = world.clock.nowMs();
    await saveNew(world.deps, { ...publicationIn("processing"), ...owner, id, task, dueAtMs });
  }
  return ids;
}

/** TikTok says of every post that it is out, after a while. */
function answering(world: World, status?: TikTokApi["status"]) {
  const asked: { publishId: string; atMs: number }[] = [];
  const deps = withTikTok(world, {
    async status(token, publishId) {
      asked.push({ publishId, atMs: world.clock.nowMs() });
      await world.clock.wait(latencyMs);
      return status
        ? status(token, publishId)
        : statusOf({ stage: "published", postIds: ["7600000000000000123"] });
    },
  });
  return { deps, asked };
}

function tick(world: World, deps: Deps, forMs = tickMs) {
  return world.clock.run(poll(deps, { deadlineMs: world.clock.nowMs() + forMs }));
}

async function all(world: World, ids: string[], user = userId): Promise<Publication[]> {
  const found = await Promise.all(
    ids.map((publicationId) => loadPublication(world.deps, { userId: user, publicationId })),
  );
  return found.flatMap((stored) => stored?.value ?? []);
}

function counting(deps: Deps) {
  const calls: Record<string, number> = {};
  const counted = (name: string, sk: string) => {
    const of = `${name} ${sk.split("#")[0]}`;
    calls[of] = (calls[of] ?? 0) + 1;
  };
  const table: Deps["table"] = {
    ...deps.table,
    get: (key) => {
      counted("get", key.sk);
      return deps.table.get(key);
    },
    put: (row, version) => {
      counted("put", row.sk);
      return deps.table.put(row, version);
    },
  };
  return { deps: { ...deps, table }, calls };
}

describe("poll, when many are due", () => {
  it("settles a thousand accounts' videos in one tick with time to spare", async () => {
    const world = await connectedWorld();
    for (let n = 0; n < 1_000; n += 1) {
      const owner = { userId: `user-${n}`, openId: `-000many${n}` };
      await world.connect(owner.userId, owner.openId);
      await owe(world, 1, owner);
    }
    const beganMs = world.clock.nowMs();
    const { deps, asked } = answering(world);
    expect(await tick(world, deps)).toEqual({ seen: 1_000, failed: 0 });
    expect(asked).toHaveLength(1_000);
    expect(world.clock.nowMs() - beganMs).toBeLessThan(10_000);
    expect(await tick(world, deps)).toEqual({ seen: 0, failed: 0 });
  });

  it("reads each record once, and an account's window and token once for all its videos", async () => {
    const world = await connectedWorld();
    const ids = await owe(world, 20);
    const { deps, calls } = counting(answering(world).deps);
    await tick(world, deps);
    expect(calls).toEqual({
      "get PUBLICATION": ids.length,
      "get RATE": 1,
      "put RATE": 1,
      "get ACCOUNT": 1,
      // The outcome; then that storage is empty.
      "put PUBLICATION": 2 * ids.length,
    });
  });

  it("asks no more than the account's window allows, and learns all of a thousand in the end", async () => {
    const world = await connectedWorld();
    const ids = await owe(world, 1_000);
    const { deps, asked } = answering(world);
    expect(await tick(world, deps)).toEqual({ seen: 1_000, failed: 0 });
    expect(asked).toHaveLength(28);

    // The others come back over the next windows, not together.
    const waiting = (await all(world, ids)).filter(({ status }) => status === "processing");
    const dueMinutes = waiting.map(({ dueAtMs }) => Math.floor((dueAtMs ?? 0) / minuteMs));
    expect(new Set(dueMinutes).size).toBeGreaterThan(15);

    for (let minutes = 0; minutes < 180; minutes += 1) {
      await world.clock.advance(minuteMs - (world.clock.nowMs() % minuteMs));
      expect((await tick(world, deps)).failed).toBe(0);
    }
    const times = asked.map(({ atMs }) => atMs);
    for (const atMs of times) {
      const inMinute = times.filter((other) => other > atMs - minuteMs && other <= atMs);
      expect(inMinute.length).toBeLessThan(30);
    }
    expect((await all(world, ids)).filter(({ status }) => status !== "published")).toEqual([]);
  }, 60_000);

  it("leaves to the next tick what it cannot begin before its deadline", async () => {
    const world = await connectedWorld();
    const ids = await owe(world, 20);
    const { deps, asked } = answering(world);
    await tick(world, deps, latencyMs + 1);
    const begun = asked.length;
    expect(begun).toBeLessThan(20);
    await world.clock.advance(2 * minuteMs);
    await tick(world, deps);
    expect(asked).toHaveLength(20);
    expect((await all(world, ids)).every(({ status }) => status === "published")).toBe(true);
  });

  it("renews a token that TikTok refuses once, and asks again only for those without an answer", async () => {
    const world = await connectedWorld();
    const ids = await owe(world, 6);
    const tokens = new Set<string>();
    const { deps, asked } = answering(world, async (token, publishId) => {
      tokens.add(token);
      const isAnswered = tokens.size > 1 || publishId === ids[0] || publishId === ids[1];
      if (isAnswered) return statusOf({ stage: "published", postIds: ["7600000000000000123"] });
      throw new TikTokRefusal("access_token_invalid", "Dead.", { httpStatus: 401, logId: null });
    });
    await tick(world, deps);
    expect(world.tiktok.refreshes).toBe(1);
    expect((await all(world, ids)).every(({ status }) => status === "published")).toBe(true);
    expect(asked).toHaveLength(6 + 4);
  });

  it("lets the bug that one of them meets be that one's alone", async () => {
    const world = await connectedWorld();
    const ids = await owe(world, 6);
    const { deps } = answering(world, async (_token, publishId) => {
      if (publishId === ids[3]) throw new TypeError("not a function");
      return statusOf({ stage: "published", postIds: ["7600000000000000123"] });
    });
    expect(await tick(world, deps)).toEqual({ seen: 6, failed: 1 });
    const open = (await all(world, ids)).filter(({ status }) => status === "processing");
    expect(open.map(({ id }) => id)).toEqual([ids[3]]);
    expect(world.deps.log.lines).toContainEqual(
      expect.objectContaining({ event: "poll.failed", publicationId: ids[3], code: "TypeError" }),
    );
  });

  it("counts each of an account's videos when the account cannot be asked for", async () => {
    const world = await connectedWorld();
    await owe(world, 3);
    const table: Deps["table"] = {
      ...world.deps.table,
      put: (row, version) =>
        row.sk.startsWith("RATE#")
          ? Promise.reject(new Error("throttled"))
          : world.deps.table.put(row, version),
    };
    const { deps } = answering(world);
    expect(await tick(world, { ...deps, table })).toEqual({ seen: 3, failed: 3 });
  });
});
