/** Many videos of some users on a system in which everything works, and what became of them. */
import { createCalm } from "../../sim/calm.ts";
import { insistOnFinish, login, upload } from "../../sim/creator.ts";
import { plain } from "../../sim/faulty.ts";
import { publicationIn } from "../../sim/oracle.ts";
import { createTrace } from "../../sim/trace.ts";
import { createWorld, type Plant, startMs, type World } from "../../sim/world.ts";
import { assert } from "../../src/errors/index.ts";
import type { PostSettings } from "../../src/post/index.ts";
import type { Publication } from "../../src/publications/index.ts";
import type { Row } from "../../src/table/index.ts";

const post: PostSettings = { mode: "inbox" };
/** Time for the answer to any call. */
const answerMs = 5;
const outcomeMs = 3_000;
const hourMs = 3_600_000;

export interface Batch {
  videos: number;
  /** Of each video; they differ by a byte each, because a life knows its videos by their size. */
  bytes: number;
  atMs: number;
}

export interface Fate {
  publication: Publication;
  /** From the complete upload to its first byte's relay. */
  waitedMs: number;
  /** Relays that were started for it. */
  invocations: number;
}

export interface Told {
  violations: string[];
  /** Fates by batch. */
  fates: Fate[][];
  /** Receives that were not a message's first. */
  redeliveries: number;
  /** The most relays that one user held at once. */
  busiest: number;
}

interface Tally {
  invocationsById: Map<string, number>;
  busiest: number;
}

/** Each batch belongs to a user of its own. */
export async function crowd(batches: Batch[], given: { chunkMs: number }): Promise<Told> {
  const tally: Tally = { invocationsById: new Map(), busiest: 0 };
  const world = createWorld({
    seed: 1,
    trace: createTrace({ lines: 40 }),
    plant: watching(tally),
    weather: () =>
      createCalm(
        { outcomeMs, hookMs: null },
        (_process, call) => ({
          ...plain,
          sendMs: call === "sendChunk" ? given.chunkMs : 0,
          answerMs: call === "clock.wait" ? 0 : answerMs,
        }),
        () => undefined,
      ),
  });
  const sizes = batches.map(({ videos, bytes }, user) =>
    Array.from({ length: videos }, (_, video) => bytes - user * 1_000 - video),
  );
  for (const [user, batch] of batches.entries()) {
    live(world, user, sizes[user] ?? [], batch).catch((error: unknown) => {
      world.violations.push(String(error));
    });
  }
  await world.rest({ untilMs: startMs + 72 * hourMs, eventsMax: 5_000_000 });
  const fateOf = (bytes: number): Fate => {
    const publication = world.publicationOf(bytes);
    assert(publication, "every video was uploaded");
    const atMs = (status: string) =>
      publication.history.find((entry) => entry.status === status)?.atMs ?? Number.NaN;
    return {
      publication,
      waitedMs: atMs("relaying") - atMs("queued"),
      invocations: tally.invocationsById.get(publication.id) ?? 0,
    };
  };
  return {
    violations: world.violations,
    fates: sizes.map((all) => all.map(fateOf)),
    redeliveries: world.functions.relayQueue.redeliveries(),
    busiest: tally.busiest,
  };
}

async function live(world: World, user: number, sizes: number[], { atMs }: Batch): Promise<void> {
  await world.pause(atMs);
  const openId = `-000creator${user}`;
  const userId = await login(world, openId);
  assert(userId, "everything works");
  const share = async (bytes: number) => {
    const video = { userId, openId, bytes, post };
    const publication = await upload(world, video, { partsMs: 1_000, missingPart: null });
    assert(publication, "everything works");
    await insistOnFinish(world, publication, null);
  };
  await Promise.all(sizes.map(share));
}

/** The first record that a relay reads is that of its message; who opens a range is about to send. */
function watching(tally: Tally): Plant {
  return (ports, process, world) => {
    if (process.kind !== "relay") return ports;
    let pk: string | null = null;
    const table: typeof ports.table = {
      ...ports.table,
      get(key) {
        const id = key.sk.split("PUBLICATION#")[1];
        if (pk === null && id !== undefined) {
          ({ pk } = key);
          tally.invocationsById.set(id, (tally.invocationsById.get(id) ?? 0) + 1);
        }
        return ports.table.get(key);
      },
    };
    const openRange: typeof ports.ranges.openRange = (request) => {
      const held = [...world.table.rows()].filter((row) => row.pk === pk && isHeld(row, world));
      tally.busiest = Math.max(tally.busiest, held.length);
      return ports.ranges.openRange(request);
    };
    return { ...ports, table, ranges: { openRange } };
  };
}

function isHeld(row: Row, world: World): boolean {
  if (!row.sk.startsWith("PUBLICATION#")) return false;
  const { lease } = publicationIn(row);
  return lease !== null && lease.expiresAtMs > world.scheduler.nowMs();
}
