import { createWorld, sha256, userId, videoBytes } from "@clipcast/core/testing";
import { expect, it } from "vitest";
import { assert } from "../../src/errors/index.ts";
import { isSettled } from "../../src/publications/index.ts";
import { rememberAim } from "../../src/publishing/chunks.ts";
import { check, poll, relay } from "../../src/publishing/index.ts";
import { dying, type Fault, forEveryFault } from "../faults.ts";

const bytes = videoBytes(11_000_000);

/** A relay dies at one of its calls; poller and messages must bring the post out, once and whole. */
async function playRelay(fault: Fault): Promise<boolean> {
  const world = createWorld();
  await world.connect();
  await rememberAim(world.deps, 5_242_880);
  const { id } = await world.upload(bytes);
  world.deps.relayQueue.messages = [];

  const deps = dying(world.deps, fault);
  const deadlineMs = world.clock.nowMs() + 900_000;
  const run = relay(deps, { userId, publicationId: id, owner: "dies", deadlineMs });
  await world.clock.run(run.catch(() => undefined));
  for (let minutes = 0; minutes < 10 && !isSettled((await world.get(id)).status); minutes += 1) {
    await world.clock.advance(60_000);
    await world.poll();
    await world.deliver();
    for (const task of world.tiktok.tasks) {
      if (task.receivedBytes === task.bytes) world.tiktok.finish(task, { stage: "published" });
    }
  }

  const publication = await world.get(id);
  expect({ fault, status: publication.status }).toEqual({ fault, status: "published" });
  const complete = world.tiktok.tasks.filter((task) => task.receivedBytes === bytes.length);
  expect({ fault, posts: complete.length }).toEqual({ fault, posts: 1 });
  const [post] = complete;
  assert(post, "there is a post");
  expect(post.publishId).toBe(publication.task?.publishId);
  expect(world.tiktok.sha256(post)).toBe(sha256(bytes));
  await world.clock.advance(120_000);
  await world.poll();
  expect(world.deps.storage.objects()).toEqual([]);
  return deps.hasDied();
}

it("posts once and whole, whichever call of a relay is its last", { timeout: 60_000 }, async () => {
  expect(await forEveryFault(playRelay)).toBeGreaterThan(30);
});

async function playOutcome(who: "check" | "poll", fault: Fault): Promise<boolean> {
  const world = createWorld();
  await world.connect();
  const { id } = await world.upload(videoBytes(1_000));
  await world.deliver();
  const [task] = world.tiktok.tasks;
  assert(task, "the relay has created a task");
  world.tiktok.finish(task, { stage: "published", postIds: ["1"] });
  await world.clock.advance(65_000);

  const deps = dying(world.deps, fault);
  const run =
    who === "check"
      ? check(deps, { userId, publicationId: id, check: 0 })
      : poll(deps, { deadlineMs: world.clock.nowMs() + 50_000 });
  await world.clock.run(Promise.resolve(run).catch(() => undefined));
  for (let minutes = 0; minutes < 4; minutes += 1) {
    await world.clock.advance(60_000);
    await world.poll();
  }
  const publication = await world.get(id);
  expect({ fault, status: publication.status, dueAtMs: publication.dueAtMs }).toEqual({
    fault,
    status: "published",
    dueAtMs: null,
  });
  expect(world.deps.storage.objects()).toEqual([]);
  return deps.hasDied();
}

it.each(["check", "poll"] as const)(
  "settles and cleans up, whichever call of a %s is its last",
  async (who) => {
    expect(await forEveryFault((fault) => playOutcome(who, fault))).toBeGreaterThan(10);
  },
);
