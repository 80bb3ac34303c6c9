/** The real surroundings, as far as they differ from what a test would make of them. */
import { afterEach, expect, it, vi } from "vitest";
import { systemRuntime } from "../src/runtime.ts";

const given: { scheduler?: unknown } = globalThis;
const before = given.scheduler;

afterEach(() => {
  vi.useRealTimers();
  if (before === undefined) delete given.scheduler;
  else given.scheduler = before;
});

it("gives others their turn by the browser's own means, where it has them", async () => {
  let yieldCount = 0;
  given.scheduler = {
    yield: async () => {
      yieldCount += 1;
    },
  };
  const { sleep } = systemRuntime();
  await sleep(0);
  await sleep(1);
  expect(yieldCount).toBe(1);
  await expect(sleep(0, AbortSignal.abort("over"))).rejects.toBe("over");
});

it("goes on when the browser never gives the turn back", async () => {
  vi.useFakeTimers();
  given.scheduler = { yield: () => new Promise(() => {}) };
  let isBack = false;
  void systemRuntime()
    .sleep(0)
    .then(() => {
      isBack = true;
    });
  await vi.advanceTimersByTimeAsync(999);
  expect(isBack).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(isBack).toBe(true);
});

it("gives others their turn by a timer where it has none", async () => {
  delete given.scheduler;
  const order: string[] = [];
  setTimeout(() => order.push("other"), 0);
  await systemRuntime().sleep(0);
  order.push("own");
  expect(order).toEqual(["other", "own"]);
});
