import { sha256, videoBytes, type World } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { RetryableError } from "../../src/errors/index.ts";
import { rememberAim } from "../../src/publishing/chunks.ts";
import { type RelayDeps, relay } from "../../src/publishing/index.ts";
import type { ByteStream, RangeReader } from "../../src/storage/index.ts";
import { bytesOf, type FakeStream, streamOf } from "../../src/testing/streams.ts";
import type { ChunkOutcome, SendChunk } from "../../src/tiktok/index.ts";
import { BrokenConnection } from "../../src/wire/index.ts";
import { connectedWorld, type Journey, tamper } from "./journey.ts";

const bytes = videoBytes(11_000_000);
const userId = "user-1";

/** A video of two chunks, ready to be relayed. */
async function twoChunks(): Promise<Journey> {
  const world = await connectedWorld();
  await rememberAim(world.deps, 5_242_880);
  const { id } = await world.upload(bytes);
  world.deps.relayQueue.take();
  return { world, id, ids: { userId, publicationId: id } };
}

function run({ world, ids }: Journey, changes: Partial<RelayDeps>, lifeMs = 900_000) {
  const deadlineMs = world.clock.nowMs() + lifeMs;
  const deps = { ...world.deps, ...changes };
  return world.clock.run(relay(deps, { ...ids, owner: "relay-1", deadlineMs }));
}

/** Ranges of which the nth (from 1) is replaced. */
function ranges(world: World, replace: (call: number) => (() => Promise<ByteStream>) | undefined) {
  let calls = 0;
  const reader: RangeReader = {
    openRange: (options) => {
      calls += 1;
      return (replace(calls) ?? (() => world.deps.ranges.openRange(options)))();
    },
  };
  return { reader, calls: () => calls };
}

/** Chunks of which the nth (from 1) meets something else. */
function chunks(world: World, replace: (call: number) => SendChunk | undefined): SendChunk {
  let calls = 0;
  return (request) => {
    calls += 1;
    return (replace(calls) ?? world.deps.sendChunk)(request);
  };
}

function statusCalls(world: World) {
  let asked = 0;
  const status: typeof world.deps.tiktok.status = (...input) => {
    asked += 1;
    return world.deps.tiktok.status(...input);
  };
  return { tiktok: { ...world.deps.tiktok, status }, asked: () => asked };
}

async function expectWhole({ world, id }: Journey): Promise<void> {
  expect((await world.get(id)).status).toBe("processing");
  const [task] = world.tiktok.tasks;
  expect(world.tiktok.tasks).toHaveLength(1);
  expect(task && world.tiktok.sha256(task)).toBe(sha256(bytes));
}

const reset = new BrokenConnection("ECONNRESET", "reset");
const unavailable = new RetryableError("storage_refused", "503", { retryAfterMs: 1_000 });

describe("a source that fails", () => {
  it("is opened again without a question to TikTok, which has seen nothing", async () => {
    const journey = await twoChunks();
    const { reader } = ranges(journey.world, (call) =>
      call === 1 || call === 3 ? () => Promise.reject(unavailable) : undefined,
    );
    const { tiktok, asked } = statusCalls(journey.world);
    expect(await run(journey, { ranges: reader, tiktok })).toBe("delivered");
    expect(asked()).toBe(0);
    await expectWhole(journey);
  });

  it("in the middle of a chunk has TikTok asked, and the chunk repeated", async () => {
    const journey = await twoChunks();
    const broken = async () => streamOf([], { breaksWith: reset });
    const { reader } = ranges(journey.world, (call) => (call === 2 ? broken : undefined));
    const { tiktok, asked } = statusCalls(journey.world);
    expect(await run(journey, { ranges: reader, tiktok })).toBe("delivered");
    expect(asked()).toBe(1);
    await expectWhole(journey);
  });

  it("again and again makes the relay step back", async () => {
    const journey = await twoChunks();
    const { reader, calls } = ranges(journey.world, () => () => Promise.reject(unavailable));
    expect(await run(journey, { ranges: reader })).toBe("parked");
    expect(calls()).toBe(4);
    expect((await journey.world.get(journey.id)).waiting?.reason).toBe("chunk_failed");
  });

  it.each([
    new TypeError("not a function"),
    "a thrown string",
    Object.assign(new Error(), { code: 7 }),
  ])("with a bug of ours is nobody's chunk (%s)", async (bug) => {
    const journey = await twoChunks();
    const { reader } = ranges(journey.world, () => () => Promise.reject(bug));
    await expect(run(journey, { ranges: reader })).rejects.toBe(bug);
  });
});

describe("the range that is opened ahead", () => {
  it("is used for the next chunk", async () => {
    const journey = await twoChunks();
    const { reader, calls } = ranges(journey.world, () => undefined);
    expect(await run(journey, { ranges: reader })).toBe("delivered");
    expect(calls()).toBe(2);
  });

  it("is closed again when the first chunk has to be repeated", async () => {
    const journey = await twoChunks();
    const opened: FakeStream[] = [];
    const reader: RangeReader = {
      openRange: async (options) => {
        const stream = await journey.world.deps.ranges.openRange(options);
        opened.push(stream as FakeStream);
        return stream;
      },
    };
    journey.world.tiktok.chunkScript.push({ type: "unknown", reason: "502" });
    expect(await run(journey, { ranges: reader })).toBe("delivered");
    await expectWhole(journey);
    expect(opened).toHaveLength(4);
    expect(opened.every((stream) => stream.isDestroyed)).toBe(true);
  });

  it("is closed, or its failure forgotten, when the relay ends before it is wanted", async () => {
    for (const ahead of [() => Promise.reject(unavailable), undefined]) {
      const journey = await twoChunks();
      const { reader } = ranges(journey.world, (call) => (call % 2 === 0 ? ahead : undefined));
      journey.world.tiktok.chunkScript.push({ type: "unknown", reason: "502" });
      journey.world.tiktok.refuseNext("status", "token_not_authorized_for_specified_publish_id");
      expect(await run(journey, { ranges: reader })).toBe("failed");
    }
  });
});

describe("an answer that does not fit the chunk", () => {
  const answers = (outcome: ChunkOutcome): SendChunk => {
    return async (request) => {
      await bytesOf(request.body);
      return outcome;
    };
  };

  it.each<[string, ChunkOutcome]>([
    ["201 before the last chunk", { type: "accepted", isLast: true }],
    ["a 400", { type: "rejected", httpStatus: 400 }],
    ["a 416", { type: "mismatch" }],
  ])("is not believed: %s", async (_name, outcome) => {
    const journey = await twoChunks();
    const sendChunk = chunks(journey.world, (call) => (call === 1 ? answers(outcome) : undefined));
    const { tiktok, asked } = statusCalls(journey.world);
    expect(await run(journey, { sendChunk, tiktok })).toBe("delivered");
    expect(asked()).toBe(1);
    await expectWhole(journey);
  });

  it("is not believed: 206 for the last chunk, which TikTok does have", async () => {
    const journey = await twoChunks();
    const sendChunk = chunks(journey.world, (call) =>
      call === 2
        ? async (request) => {
            await journey.world.deps.sendChunk(request);
            return { type: "accepted", isLast: false };
          }
        : undefined,
    );
    expect(await run(journey, { sendChunk })).toBe("delivered");
    await expectWhole(journey);
  });
});

describe("a chunk that is cut off", () => {
  /** Hangs until it is told to stop, as a PUT on a dead line does. */
  const hanging: SendChunk = ({ signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
    });

  it("by the deadline is continued by the next message", async () => {
    const journey = await twoChunks();
    const sendChunk = chunks(journey.world, (call) => (call === 2 ? hanging : undefined));
    expect(await run(journey, { sendChunk }, 60_000)).toBe("continued");
    const between = await journey.world.get(journey.id);
    expect(between).toMatchObject({ lease: null, task: { confirmedBytes: 5_500_000 } });
    expect(await journey.world.deliver()).toEqual(["delivered"]);
    await expectWhole(journey);
  });

  it("by a crash is not sent again when TikTok says that it has it", async () => {
    const journey = await twoChunks();
    const { world, ids } = journey;
    const sendAndDie: SendChunk = async (request) => {
      await world.deps.sendChunk(request);
      return new Promise(() => undefined);
    };
    const clock = { ...world.clock, wait: () => new Promise<void>(() => undefined) };
    const deadlineMs = Number.MAX_SAFE_INTEGER;
    void relay(
      { ...world.deps, sendChunk: sendAndDie, clock },
      { ...ids, owner: "dies", deadlineMs },
    );
    await world.clock.advance(31_000);
    const { reader, calls } = ranges(world, () => undefined);
    const { tiktok, asked } = statusCalls(world);
    expect(await run(journey, { ranges: reader, tiktok })).toBe("delivered");
    expect({ asked: asked(), rangesRead: calls() }).toEqual({ asked: 1, rangesRead: 1 });
    await expectWhole(journey);
  });

  it("by a newer lease leaves everything to it", async () => {
    const journey = await twoChunks();
    const sendChunk: SendChunk = async (request) => {
      await tamper(journey, (publication) => ({ ...publication, fence: publication.fence + 1 }));
      return hanging(request);
    };
    expect(await run(journey, { sendChunk })).toBe("lost");
    expect(journey.world.deps.relayQueue.messages).toEqual([]);
    expect((await journey.world.get(journey.id)).lease).not.toBeNull();
  });

  it.each([
    [20_000, "delivered"],
    [45_000, "lost"],
  ])(
    "by a table out of reach for %i ms is %s: the lease tells how long that may go on",
    async (outageMs, result) => {
      const journey = await twoChunks();
      const { world } = journey;
      let outageUntilMs = 0;
      const isOut = () => world.clock.nowMs() < outageUntilMs;
      const noRoute = () => Promise.reject(new Error("no route to the table"));
      const table = {
        ...world.deps.table,
        get: (...input: Parameters<typeof world.deps.table.get>) =>
          isOut() ? noRoute() : world.deps.table.get(...input),
        put: (...input: Parameters<typeof world.deps.table.put>) =>
          isOut() ? noRoute() : world.deps.table.put(...input),
      };
      const sendChunk: SendChunk = async (request) => {
        outageUntilMs ||= world.clock.nowMs() + outageMs;
        await world.clock.wait(outageMs + 1, request.signal);
        return request.signal.aborted ? hanging(request) : world.deps.sendChunk(request);
      };
      const abortable: SendChunk = (request) =>
        Promise.race([
          sendChunk(request),
          new Promise<never>((_resolve, reject) => {
            request.signal.addEventListener("abort", () => reject(new Error("aborted")));
          }),
        ]);
      expect(await run(journey, { table, sendChunk: abortable })).toBe(result);
    },
  );

  it("between the chunk and its checkpoint is sent again, and TikTok's count decides", async () => {
    const journey = await twoChunks();
    const { world } = journey;
    const sendChunk = chunks(world, (call) =>
      call === 1
        ? async (request) => {
            const outcome = await world.deps.sendChunk(request);
            // The answer comes in the moment in which the deadline has already fallen.
            await world.clock.wait(60_000);
            return outcome;
          }
        : undefined,
    );
    expect(await run(journey, { sendChunk }, 60_000)).toBe("continued");
    expect((await world.get(journey.id)).task?.confirmedBytes).toBe(0);
    expect(await world.deliver()).toEqual(["delivered"]);
    await expectWhole(journey);
  });

  it("does not begin when the deadline has come already", async () => {
    const journey = await twoChunks();
    expect(await run(journey, {}, 10_000)).toBe("continued");
    expect(journey.world.tiktok.tasks[0]?.receivedBytes).toBe(0);
    expect(await journey.world.deliver()).toEqual(["delivered"]);
  });
});
