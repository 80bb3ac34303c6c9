import { expect, it } from "vitest";
import { createCloseStack } from "../../src/host/close-stack.ts";

it("ends things in the opposite order, once, and goes on after a failure", async () => {
  const ended: string[] = [];
  const problems: string[] = [];
  const stack = createCloseStack((line) => problems.push(line));
  stack.defer(() => ended.push("first"));
  stack.defer(() => Promise.reject(new Error("stuck")));
  stack.defer(async () => {
    await Promise.resolve();
    ended.push("last");
  });
  await Promise.all([stack.close(), stack.close()]);
  expect(ended).toEqual(["last", "first"]);
  expect(problems).toEqual(["while stopping: Error: stuck"]);
});

it("ends at once what is started after it was closed", async () => {
  const ended: string[] = [];
  const stack = createCloseStack(() => undefined);
  await stack.close();
  stack.defer(() => ended.push("late"));
  await stack.close();
  expect(ended).toEqual(["late"]);
});
