import { openId, userId, videoBytes, type World } from "@clipcast/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import type { Publication } from "../../src/publications/index.ts";
import { cancel, parseRelayMessage, relay, takePlace } from "../../src/publishing/index.ts";
import { endTurn, takeTurn } from "../../src/publishing/turns.ts";
import { connectedWorld, megabyte, tamper } from "./journey.ts";

const turnsPerUser = 4;
let world: World;
let count: number;
beforeEach(async () => {
  world = await connectedWorld();
  count = 0;
});

async function upload(): Promise<Publication> {
  count += 1;
  const publication = await world.upload(videoBytes(megabyte + count));
  world.deps.relayQueue.take();
  return publication;
}

const owner = "relay-x";
const take = (publication: Publication) => takeTurn(world.deps, publication, owner);
const end = ({ id }: Publication, isKept = false, by = owner) =>
  endTurn(world.deps, { userId, publicationId: id, owner: by }, { isKept });

/** Turns whose publications are being relayed. */
async function busyUser(): Promise<Publication[]> {
  const holders: Publication[] = [];
  for (let n = 0; n < turnsPerUser; n += 1) {
    const publication = await upload();
    expect(await take(publication)).toBe(0);
    holders.push(publication);
    await lease(publication, 3_600_000);
  }
  return holders;
}

function lease({ id }: Publication, lifeMs: number): Promise<void> {
  const ids = { userId, publicationId: id };
  const expiresAtMs = world.clock.nowMs() + lifeMs;
  return tamper({ world, id, ids }, (publication) => ({
    ...publication,
    status: "relaying",
    lease: { owner, expiresAtMs },
  }));
}

function woken(): string[] {
  return world.deps.relayQueue.take().map(({ body }) => parseRelayMessage(body).publicationId);
}

describe("takeTurn", () => {
  it("lets a user have four at once, and counts other users apart", async () => {
    await busyUser();
    const fifth = await upload();
    expect(await take(fifth)).toBeGreaterThan(0);
    expect(await take({ ...fifth, userId: "user-2" })).toBe(0);
  });

  it("takes one turn however often the same publication asks", async () => {
    const same = await upload();
    for (let n = 0; n < 9; n += 1) expect(await take(same)).toBe(0);
    for (let n = 1; n < turnsPerUser; n += 1) expect(await take(await upload())).toBe(0);
  });

  it("counts a turn as free once its publication's lease is dead, but not before it could be taken", async () => {
    for (let n = 0; n < turnsPerUser; n += 1) await take(await upload());
    const next = await upload();
    expect(await take(next)).toBeGreaterThan(0);
    await world.clock.advance(15_000);
    expect(await take(next)).toBe(0);
  });

  it("leaves a turn to whoever still has the lease", async () => {
    const [first] = await busyUser();
    await world.clock.advance(60_000);
    const next = await upload();
    expect(await take(next)).toBeGreaterThan(0);
    if (first) await lease(first, -1);
    expect(await take(next)).toBe(0);
  });

  it("has waiters look again less and less often", async () => {
    await busyUser();
    const next = await upload();
    const waits: number[] = [];
    for (let n = 0; n < 6; n += 1) {
      const waitMs = await take(next);
      waits.push(waitMs / 60_000);
      await world.clock.advance(waitMs);
    }
    expect(waits).toEqual([2, 2, 4, 8, 15, 15]);
  });

  describe("without room among the waiters", () => {
    let another: (end: number) => Publication;
    beforeEach(async () => {
      await busyUser();
      const one = await upload();
      another = (end) => ({ ...one, id: one.id.slice(0, -4) + end.toString(16).padStart(4, "0") });
      for (let n = 0; n < 32; n += 1) expect(await take(another(n))).toBe(120_000);
    });

    it("looks again soon, however many there are, and not together", async () => {
      // A line of times would outlast those who stood in it: all of them may have been cancelled.
      expect(await take(another(0x0100))).toBe(60_469);
      expect(await take(another(0x8000))).toBe(120_000);
      expect(await take(another(0xffff))).toBe(179_998);
    });

    it("looks less often the longer it has waited", async () => {
      const late = { ...another(0x8000), history: [], createdAtMs: world.clock.nowMs() + 1 };
      await world.clock.advance(240_001);
      expect(await take(late)).toBe(240_000);
      await world.clock.advance(3_000_000);
      expect(await take(late)).toBe(480_000);
    });
  });

  it("gives the room among the waiters to those that were queued first", async () => {
    const [first] = await busyUser();
    const early = await upload();
    for (let n = 0; n < 32; n += 1) {
      await world.clock.advance(1);
      await take(await upload());
    }
    expect(await take(early)).toBe(120_000);
    if (first) await end(first);
    expect(woken()).toEqual([early.id]);
  });
});

describe("endTurn", () => {
  it("hands the turn to the first waiter, wakes it, and keeps it for that one", async () => {
    const [first] = await busyUser();
    const [next, later] = [await upload(), await upload()];
    await take(next);
    await take(later);
    if (first) await end(first);
    expect(woken()).toEqual([next.id]);
    expect(await take(later)).toBeGreaterThan(0);
    expect(await take(next)).toBe(0);
  });

  it("lets what has begun go first, because its upload URL runs out", async () => {
    const [first] = await busyUser();
    const task = { publishId: "1", sealedUploadUrl: "", issuedAtMs: 0, chunkBytes: 1 };
    const begun = { ...(await upload()), task: { ...task, chunkCount: 1, confirmedBytes: 0 } };
    await take(await upload());
    await take(begun);
    if (first) await end(first);
    expect(woken()).toEqual([begun.id]);
  });

  it("gives the turn to somebody else when the woken one does not come", async () => {
    const [first] = await busyUser();
    const [next, later] = [await upload(), await upload()];
    await take(next);
    if (first) await end(first);
    await world.clock.advance(30_000);
    expect(await take(later)).toBe(0);
  });

  it("keeps it for the continuation of the same video", async () => {
    const [first] = await busyUser();
    const next = await upload();
    await take(next);
    if (first) await end(first, true);
    expect(woken()).toEqual([]);
    expect(await take(next)).toBeGreaterThan(0);
    if (first) expect(await takeTurn(world.deps, first, "relay-y")).toBe(0);
  });

  it("leaves the turn of a successor alone", async () => {
    const [first] = await busyUser();
    if (first) await takeTurn(world.deps, first, "successor");
    if (first) await end(first);
    expect(await take(await upload())).toBeGreaterThan(0);
  });

  it("does not undo what was achieved when the row cannot be written", async () => {
    const { id } = await upload();
    const table = {
      ...world.deps.table,
      put: (row: Parameters<typeof world.deps.table.put>[0], version: number) =>
        row.sk === "TURNS" && version > 0
          ? Promise.reject(new Error("throttled"))
          : world.deps.table.put(row, version),
    };
    const deadlineMs = world.clock.nowMs() + 900_000;
    const input = { userId, publicationId: id, owner, deadlineMs };
    expect(await world.clock.run(relay({ ...world.deps, table }, input))).toBe("delivered");
    expect(world.deps.log.lines).toContainEqual(expect.objectContaining({ event: "turn.stuck" }));
  });
});

describe("a relay without a turn", () => {
  it("waits with its reason, burns no run and no fence, and goes on when a turn ends", async () => {
    const [first] = await busyUser();
    const { id } = await upload();
    const untilMs = world.clock.nowMs() + 120_000;
    expect(await world.relay(id)).toBe("parked");
    expect(await world.get(id)).toMatchObject({
      status: "queued",
      waiting: { reason: "own_videos_first", untilMs },
      fence: 0,
      fruitlessRuns: 0,
    });
    expect(world.deps.relayQueue.messages).toMatchObject([{ visibleAtMs: untilMs }]);
    if (first) await end(first);
    expect(await world.deliver()).toEqual(["delivered"]);
  });

  it("does not multiply its messages, however many come", async () => {
    await busyUser();
    const { id } = await upload();
    expect(await world.relay(id)).toBe("parked");
    for (let n = 0; n < 5; n += 1) expect(await world.relay(id)).toBe("waiting");
    expect(world.deps.relayQueue.messages).toHaveLength(1);
    await world.clock.advance(120_000);
    expect(await world.deliver()).toEqual(["parked"]);
    expect(world.deps.relayQueue.messages).toHaveLength(1);
  });

  it("is cancelled at once, and passes on the turn that it is woken for", async () => {
    const [first] = await busyUser();
    const [next, later] = [await upload(), await upload()];
    await world.relay(next.id);
    await world.relay(later.id);
    world.deps.relayQueue.messages = [];
    const cancelled = await cancel(world.deps, { userId, publicationId: next.id });
    expect(cancelled.status).toBe("cancelled");
    if (first) await end(first);
    expect(await world.deliver()).toEqual(["settled"]);
    expect(await world.deliver()).toEqual(["delivered"]);
    expect((await world.get(later.id)).status).toBe("processing");
  });

  it("does not keep a turn that it is woken for while TikTok's window is full", async () => {
    const [first] = await busyUser();
    const [next, later] = [await upload(), await upload()];
    expect(await world.relay(next.id)).toBe("parked");
    for (let n = 0; n < 5; n += 1) await takePlace(world.deps, { userId, openId }, "init");
    await world.clock.advance(1);
    expect(await world.relay(next.id)).toBe("parked");
    expect((await world.get(next.id)).waiting?.reason).toBe("rate_limited");
    world.deps.relayQueue.messages = [];
    if (first) await end(first);
    expect(await world.deliver()).toEqual(["waiting"]);
    expect(await take(later)).toBe(0);
  });

  it("still tells the next holder that the last one fell silent", async () => {
    await busyUser();
    const { id } = await upload();
    const ids = { userId, publicationId: id };
    await tamper({ world, id, ids }, (publication) => ({
      ...publication,
      status: "relaying",
      lease: { owner: "dead", expiresAtMs: world.clock.nowMs() - 1 },
    }));
    expect(await world.relay(id)).toBe("parked");
    expect((await world.get(id)).lease?.owner).toBe("dead");
  });
});
