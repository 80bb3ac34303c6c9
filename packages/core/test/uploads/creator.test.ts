import { createWorld, openId, userId } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { RetryableError } from "../../src/errors/index.ts";
import { creatorInfo } from "../../src/uploads/index.ts";

async function connectedWorld() {
  const world = createWorld();
  await world.connect();
  return world;
}
const owner = { userId, openId };

describe("creatorInfo", () => {
  it("answers what TikTok says now", async () => {
    const world = await connectedWorld();
    world.tiktok.creator.maxDurationSec = 180;
    expect(await creatorInfo(world.deps, owner)).toMatchObject({ maxDurationSec: 180 });
  });

  it.each([
    "spam_risk_too_many_posts",
    "spam_risk_user_banned_from_posting",
    "reached_active_user_cap",
  ])("turns %s into a refusal that a creator understands", async (code) => {
    const world = await connectedWorld();
    world.tiktok.refuseNext("creatorInfo", code);
    const refusal = await creatorInfo(world.deps, owner).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ kind: "conflict", code: "creator_cannot_post" });
    expect(String(refusal)).not.toContain(code);
  });

  it("asks to reconnect when the scope was not granted", async () => {
    const world = await connectedWorld();
    world.tiktok.refuseNext("creatorInfo", "scope_not_authorized");
    await expect(creatorInfo(world.deps, owner)).rejects.toMatchObject({
      kind: "conflict",
      code: "reconnect_required",
    });
  });

  it.each([
    ["rate_limited", "too-many"],
    ["tiktok_unavailable", "unavailable"],
  ])("answers %s with the time to come back", async (code, kind) => {
    const world = await connectedWorld();
    const failing = () =>
      Promise.reject(new RetryableError(code, "Later.", { retryAfterMs: 60_000 }));
    const deps = { ...world.deps, tiktok: { ...world.deps.tiktok, creatorInfo: failing } };
    await expect(creatorInfo(deps, owner)).rejects.toMatchObject({
      kind,
      code,
      retryAfterMs: 60_000,
    });
  });

  it("lets our own bugs through", async () => {
    const world = await connectedWorld();
    const bug = new TypeError("undefined is not a function");
    const deps = {
      ...world.deps,
      tiktok: { ...world.deps.tiktok, creatorInfo: () => Promise.reject(bug) },
    };
    await expect(creatorInfo(deps, owner)).rejects.toBe(bug);
  });
});
