/** Whose refusal counts: that of the token which the account has now, given just before. */
import { createWorld, openId, userId, type World } from "@clipcast/core/testing";
import { beforeEach, expect, it } from "vitest";
import { findAccount, withToken } from "../../src/auth/index.ts";
import { refreshAccount } from "../../src/auth/tokens.ts";
import { TikTokRefusal } from "../../src/tiktok/index.ts";

const owner = { userId, openId };
const dead = () =>
  new TikTokRefusal("access_token_invalid", "dead", { httpStatus: 401, logId: null });

let world: World;
beforeEach(async () => {
  world = createWorld();
  await world.connect();
});

const reconnectReason = async () => (await findAccount(world.deps, owner)).value.reconnectReason;

it("refreshes again when a function slept between its new token and the refusal", async () => {
  let calls = 0;
  const call = withToken(world.deps, owner, async () => {
    calls += 1;
    if (calls === 1) throw dead();
    if (calls === 2) await world.clock.wait(60_000);
    if (calls === 2) throw dead();
    return "taken";
  });
  expect(await world.clock.run(call)).toBe("taken");
  expect(calls).toBe(3);
  expect(await reconnectReason()).toBeNull();
});

it("leaves an account alone that somebody else has refreshed meanwhile", async () => {
  let calls = 0;
  const call = withToken(world.deps, owner, async () => {
    calls += 1;
    if (calls === 2) await refreshAccount(world.deps, owner);
    throw dead();
  });
  await expect(call).rejects.toMatchObject({ name: "RetryableError", code: "token_replaced" });
  expect(await reconnectReason()).toBeNull();
});
