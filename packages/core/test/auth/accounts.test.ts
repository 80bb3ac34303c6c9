import { createWorld, openId, userId, type World } from "@clipcast/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { claimAccount } from "../../src/auth/accounts.ts";
import { accountsOf, disconnect, findAccount, findAccountByOpenId } from "../../src/auth/index.ts";
import { RetryableError } from "../../src/errors/index.ts";
import type { TableStore } from "../../src/table/index.ts";

const owner = { userId, openId };
let world: World;
beforeEach(async () => {
  world = createWorld();
  await world.connect();
});

function revoking(revoke: (accessToken: string) => Promise<void>): World["deps"] {
  return { ...world.deps, tiktok: { ...world.deps.tiktok, revoke } };
}

describe("accounts", () => {
  it("are found by their user and by open id, and by nobody else", async () => {
    await world.connect(userId, "-000second");
    const mine = await accountsOf(world.deps, userId);
    expect(mine.map((account) => account.openId)).toEqual([openId, "-000second"]);
    expect((await findAccountByOpenId(world.deps, openId))?.value.userId).toBe(userId);

    expect(await accountsOf(world.deps, "user-2")).toEqual([]);
    expect(await findAccountByOpenId(world.deps, "-000stranger")).toBeNull();
    await expect(findAccount(world.deps, { userId: "user-2", openId })).rejects.toMatchObject({
      kind: "not-found",
      code: "not_found",
    });
  });

  it("belong to one user when two claim one at the same time", async () => {
    const claim = (newUserId: string) =>
      claimAccount(world.deps, { openId: "-000new", userId: null, newUserId });
    const [one, other] = await Promise.all([claim("user-8"), claim("user-9")]);
    expect(one).toBe(other);
  });
});

describe("disconnect", () => {
  it("revokes at TikTok, then forgets account and owner", async () => {
    const revoked: string[] = [];
    await disconnect(
      revoking(async (token) => {
        revoked.push(token);
      }),
      owner,
    );
    expect(revoked).toEqual([`act.${openId}.1`]);
    expect(world.deps.table.rows()).toEqual([]);
  });

  it("revokes with a live token when the stored one has died", async () => {
    await world.clock.advance(3 * 24 * 3_600_000);
    const revoked: string[] = [];
    await world.clock.run(
      disconnect(
        revoking(async (token) => {
          revoked.push(token);
        }),
        owner,
      ),
    );
    expect(revoked).toEqual([`act.${openId}.2`]);
    expect(world.deps.table.rows()).toEqual([]);
  });

  it("forgets an account whose grant is dead already", async () => {
    world.tiktok.refuseNext("revoke", "invalid_grant");
    await disconnect(world.deps, owner);
    expect(world.deps.table.rows()).toEqual([]);

    await world.connect();
    await world.clock.advance(3 * 24 * 3_600_000);
    world.tiktok.refuseNext("refresh", "invalid_grant");
    await disconnect(world.deps, owner);
    expect(world.deps.table.rows()).toEqual([]);
  });

  it.each(["revoke", "refresh"] as const)(
    "keeps everything while TikTok cannot be reached (%s)",
    async (call) => {
      if (call === "refresh") await world.clock.advance(3 * 24 * 3_600_000);
      const silence = new RetryableError("tiktok_unreachable", "No.", { retryAfterMs: 2_000 });
      const tiktok = { ...world.deps.tiktok, [call]: () => Promise.reject(silence) };
      await expect(disconnect({ ...world.deps, tiktok }, owner)).rejects.toMatchObject({
        kind: "unavailable",
        code: "tiktok_unavailable",
        retryAfterMs: 2_000,
      });
      expect((await findAccount(world.deps, owner)).value.reconnectReason).toBeNull();
      expect(await findAccountByOpenId(world.deps, openId)).not.toBeNull();
    },
  );

  it("answers another user's account as if it did not exist, and revokes nothing", async () => {
    const deps = revoking(() => Promise.reject(new Error("nothing may be revoked")));
    const foreign = disconnect(deps, { userId: "user-2", openId });
    await expect(foreign).rejects.toMatchObject({ code: "not_found" });
    expect(await findAccountByOpenId(world.deps, openId)).not.toBeNull();
  });

  it("lets our own bugs through and keeps the account", async () => {
    const bug = new TypeError("not a function");
    await expect(
      disconnect(
        revoking(() => Promise.reject(bug)),
        owner,
      ),
    ).rejects.toBe(bug);
    expect(await findAccountByOpenId(world.deps, openId)).not.toBeNull();
  });

  it("lets another user connect the account afterwards", async () => {
    await disconnect(world.deps, owner);
    const claim = { openId, userId: "user-2", newUserId: "unused" };
    expect(await claimAccount(world.deps, claim)).toBe("user-2");
  });

  it("outlasts a write that comes between, but not an account that never rests", async () => {
    const busyTable = (losses: number): TableStore => {
      let lost = 0;
      return {
        ...world.deps.table,
        remove: async (key, version) => {
          lost += 1;
          return lost > losses && world.deps.table.remove(key, version);
        },
      };
    };
    const never = disconnect({ ...world.deps, table: busyTable(5) }, owner);
    await expect(never).rejects.toMatchObject({ kind: "conflict", code: "account_busy" });
    await disconnect({ ...world.deps, table: busyTable(4) }, owner);
    expect(world.deps.table.rows()).toEqual([]);
  });
});
