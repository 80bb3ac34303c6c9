/** What one publication asks of KMS and of the table: each call is paid for with every video, however small. */
import { userId, videoBytes, type World } from "@clipcast/core/testing";
import { expect, it } from "vitest";
import { rememberAim } from "../../src/publishing/chunks.ts";
import { relay } from "../../src/publishing/index.ts";
import { connectedWorld, megabyte } from "./journey.ts";

/** A world that knows already that TikTok takes small chunks only: it cuts a video of 22 MB into four. */
async function cuttingWorld(): Promise<World> {
  const world = await connectedWorld();
  await rememberAim(world.deps, 5_242_880);
  return world;
}

type Secret = "upload URL" | "token";

/** Every call to the sealer from here on, by what it was for. */
function watchSealer(world: World): string[] {
  const calls: string[] = [];
  const { seal, open } = world.deps.sealer;
  const secretOf = (context: Record<string, string>): Secret =>
    "publicationId" in context ? "upload URL" : "token";
  world.deps.sealer = {
    seal(plaintext, context) {
      calls.push(`seal ${secretOf(context)}`);
      return seal(plaintext, context);
    },
    open(sealed, context) {
      calls.push(`open ${secretOf(context)}`);
      return open(sealed, context);
    },
  };
  return calls;
}

/** The publication's record, whenever it is written from here on. */
function watchRecord(world: World): { status: string; confirmedBytes: number | null }[] {
  const writes: { status: string; confirmedBytes: number | null }[] = [];
  const { put } = world.deps.table;
  world.deps.table.put = async (row, expectedVersion) => {
    const isWritten = await put(row, expectedVersion);
    if (isWritten && row.sk.startsWith("PUBLICATION#")) {
      const { status, task } = await world.get(row.sk.slice("PUBLICATION#".length));
      writes.push({ status, confirmedBytes: task?.confirmedBytes ?? null });
    }
    return isWritten;
  };
  return writes;
}

it("seals an upload URL and opens none where one relay sends the whole video", async () => {
  const world = await cuttingWorld();
  const calls = watchSealer(world);
  const { id } = await world.upload(videoBytes(22 * megabyte));
  await world.deliver();
  const [task] = world.tiktok.tasks;
  if (task) world.tiktok.finish(task, { stage: "published", postIds: ["1"] });
  await world.clock.advance(65_000);
  await world.deliver();
  expect((await world.get(id)).status).toBe("published");
  // The token: for creator info, for init, for the outcome.
  expect(calls).toEqual(["open token", "open token", "seal upload URL", "open token"]);
  const logged = JSON.stringify(world.deps.log.lines);
  expect(logged).toContain("bytes-delivered");
  expect(logged).not.toMatch(/upload\.invalid|upload_id/);
});

it("opens the sealed URL once for a successor, which sends to the same task", async () => {
  const world = await cuttingWorld();
  const { id } = await world.upload(videoBytes(22 * megabyte));
  const slow = {
    ...world.deps,
    sendChunk: async (request: Parameters<typeof world.deps.sendChunk>[0]) => {
      await world.clock.wait(400_000);
      return world.deps.sendChunk(request);
    },
  };
  const deadlineMs = world.clock.nowMs() + 900_000;
  const first = relay(slow, { userId, publicationId: id, owner: "slow", deadlineMs });
  expect(await world.clock.run(first)).toBe("continued");
  const calls = watchSealer(world);
  expect(await world.relay(id, "next")).toBe("delivered");
  expect(calls).toEqual(["open upload URL"]);
  expect(world.tiktok.tasks).toHaveLength(1);
});

it("seals each task's own URL where one dies and the same relay goes on with another", async () => {
  const world = await cuttingWorld();
  const { id } = await world.upload(videoBytes(22 * megabyte));
  world.tiktok.chunkScript.push({ type: "gone", httpStatus: 404 });
  const calls = watchSealer(world);
  expect(await world.relay(id)).toBe("delivered");
  expect(calls.filter((call) => call.endsWith("upload URL"))).toEqual([
    "seal upload URL",
    "seal upload URL",
  ]);
  expect(world.tiktok.tasks.map(({ receivedBytes }) => receivedBytes)).toEqual([0, 22 * megabyte]);
});

it("writes the record for each step and for each chunk but the last, whose end is a step", async () => {
  const world = await cuttingWorld();
  const { id } = await world.upload(videoBytes(22 * megabyte));
  const writes = watchRecord(world);
  expect(await world.relay(id)).toBe("delivered");
  expect(writes).toEqual([
    { status: "relaying", confirmedBytes: null },
    { status: "relaying", confirmedBytes: 0 },
    { status: "relaying", confirmedBytes: 5_500_000 },
    { status: "relaying", confirmedBytes: 11_000_000 },
    { status: "relaying", confirmedBytes: 16_500_000 },
    { status: "processing", confirmedBytes: 22 * megabyte },
  ]);
});
