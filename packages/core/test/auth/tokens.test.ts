import { createWorld, openId, userId, type World } from "@clipcast/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { forgetAccount } from "../../src/auth/accounts.ts";
import { disconnect, findAccount, markReconnect, withToken } from "../../src/auth/index.ts";
import { accessToken, refreshAccount } from "../../src/auth/tokens.ts";
import { RetryableError } from "../../src/errors/index.ts";
import { type TikTokApi, TikTokRefusal } from "../../src/tiktok/index.ts";

const owner = { userId, openId };
const hourMs = 3_600_000;
const silence = new RetryableError("tiktok_unreachable", "No.", { retryAfterMs: 2_000 });

let world: World;
beforeEach(async () => {
  world = createWorld();
  await world.connect();
});

function refreshing(refresh: TikTokApi["refresh"]): World["deps"] {
  return { ...world.deps, tiktok: { ...world.deps.tiktok, refresh } };
}

function refusal(code: string): TikTokRefusal {
  return new TikTokRefusal(code, code, { httpStatus: 400, logId: null });
}

/** Near its end: the next reader must refresh. */
async function staleWorld() {
  await world.clock.advance(23 * hourMs);
}

async function account() {
  return (await findAccount(world.deps, owner)).value;
}

describe("accessToken", () => {
  it("opens the stored token while two hours or more are left", async () => {
    await world.clock.advance(22 * hourMs);
    expect(await accessToken(world.deps, owner)).toMatchObject({
      accessToken: `act.${openId}.1`,
      accessExpiresAtMs: world.clock.nowMs() + 2 * hourMs,
    });
    expect(world.tiktok.refreshes).toBe(0);
  });

  it("refreshes when less is left, and stores the new pair with its own lives", async () => {
    await world.clock.advance(22 * hourMs + 1);
    const fresh = await accessToken(world.deps, owner);
    expect(fresh.accessToken).toBe(`act.${openId}.2`);
    expect(fresh.accessExpiresAtMs).toBe(world.clock.nowMs() + 24 * hourMs);
    expect(await account()).toMatchObject({ refreshing: null, reconnectReason: null });
    expect(await accessToken(world.deps, owner)).toEqual({ ...fresh, isNew: false });
    expect(world.tiktok.refreshes).toBe(1);
  });

  it("asks TikTok once when many functions need the token at the same time", async () => {
    await staleWorld();
    const deps = refreshing(async (token) => {
      await world.clock.wait(3_000);
      return world.deps.tiktok.refresh(token);
    });
    const readers = Array.from({ length: 20 }, () => accessToken(deps, owner));
    const tokens = await world.clock.run(Promise.all(readers));
    expect(new Set(tokens.map((token) => token.accessToken))).toEqual(new Set([`act.${openId}.2`]));
    expect(world.tiktok.refreshes).toBe(1);
  });

  it("takes over from a refresher that died, once its claim has run out", async () => {
    await staleWorld();
    void accessToken(
      refreshing(() => new Promise(() => undefined)),
      owner,
    );
    await world.clock.advance(0);
    const startMs = world.clock.nowMs();
    const fresh = await world.clock.run(accessToken(world.deps, owner));
    expect(fresh.accessToken).toBe(`act.${openId}.2`);
    expect(world.clock.nowMs() - startMs).toBe(30_000);
  });

  it("gives up waiting for a claim that is taken again and again", async () => {
    await staleWorld();
    // Whoever wins the claim dies with it.
    const deps = refreshing(() => new Promise(() => undefined));
    for (let n = 0; n < 3; n += 1) accessToken(deps, owner).catch(() => undefined);
    const waiting = world.clock.run(accessToken(world.deps, owner));
    await expect(waiting).rejects.toMatchObject({ code: "refresh_busy", retryAfterMs: 30_000 });
  });

  it("keeps the account connected when TikTok cannot be reached", async () => {
    await staleWorld();
    const deps = refreshing(() => Promise.reject(silence));
    await expect(accessToken(deps, owner)).rejects.toBe(silence);
    expect(await account()).toMatchObject({ refreshing: null, reconnectReason: null });
    expect((await accessToken(world.deps, owner)).accessToken).toBe(`act.${openId}.2`);
  });

  it.each([
    [4, `act.${openId}.2`],
    [5, "not stored"],
  ])("keeps the new pair through %i failures to seal it", async (failures, expected) => {
    await staleWorld();
    let failed = 0;
    const seal: typeof world.deps.sealer.seal = (...input) => {
      failed += 1;
      return failed <= failures
        ? Promise.reject(new Error("the key does not answer"))
        : world.deps.sealer.seal(...input);
    };
    const deps = { ...world.deps, sealer: { ...world.deps.sealer, seal } };
    const fresh = await world.clock
      .run(accessToken(deps, owner))
      .catch(() => ({ accessToken: "not stored" }));
    expect(fresh.accessToken).toBe(expected);
    expect(await account()).toMatchObject({ refreshing: null, reconnectReason: null });
    expect(world.tiktok.refreshes).toBe(1);
  });

  it("keeps the account connected when our own credentials are refused", async () => {
    await staleWorld();
    world.tiktok.refuseNext("refresh", "invalid_client");
    await expect(accessToken(world.deps, owner)).rejects.toMatchObject({
      name: "RetryableError",
      code: "refresh_refused",
    });
    expect((await account()).reconnectReason).toBeNull();
  });

  it("asks the creator to reconnect when the refresh token is dead", async () => {
    await staleWorld();
    world.tiktok.refuseNext("refresh", "invalid_grant");
    const reconnect = { name: "FatalError", code: "reconnect_required", isRetryable: true };
    await expect(accessToken(world.deps, owner)).rejects.toMatchObject(reconnect);
    expect((await account()).reconnectReason).toBe("invalid_grant");
    await expect(accessToken(world.deps, owner)).rejects.toMatchObject(reconnect);
    expect(world.tiktok.refreshes).toBe(0);
  });

  it("does not ask TikTok with a refresh token that is too old", async () => {
    await world.clock.advance(365 * 24 * hourMs);
    await expect(accessToken(world.deps, owner)).rejects.toMatchObject({
      code: "reconnect_required",
    });
    expect(world.tiktok.refreshes).toBe(0);
  });

  it("asks to reconnect an account that is not there", async () => {
    await expect(accessToken(world.deps, { userId: "user-2", openId })).rejects.toMatchObject({
      code: "reconnect_required",
    });
  });
});

describe("what happens during a slow refresh", () => {
  it("a login wins over the refresh's new pair", async () => {
    await staleWorld();
    const deps = refreshing(async () => {
      await world.clock.wait(10_000);
      const pair = await world.deps.tiktok.exchangeCode(`code-${openId}`, null);
      return { ...pair, accessToken: "act.from-the-refresh", refreshToken: "rft.dead" };
    });
    const slow = accessToken(deps, owner);
    await world.clock.advance(5_000);
    await world.connect();
    const fresh = await world.clock.run(slow);
    expect(fresh.accessToken).toBe(`act.${openId}.1`);
    expect((await accessToken(world.deps, owner)).accessToken).toBe(`act.${openId}.1`);
  });

  it("a login wins over the refresh's refusal: the account stays connected and its token is used", async () => {
    await staleWorld();
    const deps = refreshing(async () => {
      await world.clock.wait(10_000);
      throw refusal("invalid_grant");
    });
    const slow = accessToken(deps, owner);
    await world.clock.advance(5_000);
    await world.connect();
    expect((await world.clock.run(slow)).accessToken).toBe(`act.${openId}.1`);
    expect((await account()).reconnectReason).toBeNull();
  });

  it("brings no account back that was forgotten meanwhile", async () => {
    await staleWorld();
    const slow = accessToken(slowly(), owner);
    await world.clock.advance(5_000);
    await forgetAccount(world.deps, owner);
    await expect(world.clock.run(slow)).rejects.toMatchObject({ code: "reconnect_required" });
    await expect(account()).rejects.toMatchObject({ code: "not_found" });
  });

  it("a disconnection waits for it and revokes the new token", async () => {
    await staleWorld();
    void accessToken(slowly(), owner);
    await world.clock.advance(5_000);
    const revoked: string[] = [];
    const revoke = async (token: string) => {
      revoked.push(token);
    };
    const deps = { ...world.deps, tiktok: { ...world.deps.tiktok, revoke } };
    await world.clock.run(disconnect(deps, owner));
    expect(revoked).toEqual([`act.${openId}.2`]);
  });
});

function slowly(): World["deps"] {
  return refreshing(async (token) => {
    await world.clock.wait(10_000);
    return world.deps.tiktok.refresh(token);
  });
}

describe("refreshAccount", () => {
  it("refreshes although the token looks alive", async () => {
    expect((await refreshAccount(world.deps, owner)).accessToken).toBe(`act.${openId}.2`);
    expect(world.tiktok.refreshes).toBe(1);
  });

  it("answers the stored token when somebody has replaced the refused one already", async () => {
    const fresh = await refreshAccount(world.deps, owner, "act.an-older-one");
    expect(fresh.accessToken).toBe(`act.${openId}.1`);
    expect(world.tiktok.refreshes).toBe(0);
  });

  it("refreshes once for many whose token was refused at the same time", async () => {
    const refused = `act.${openId}.1`;
    const callers = Array.from({ length: 10 }, () => refreshAccount(world.deps, owner, refused));
    const tokens = await world.clock.run(Promise.all(callers));
    expect(tokens.every((token) => token.accessToken === `act.${openId}.2`)).toBe(true);
    expect(world.tiktok.refreshes).toBe(1);
  });
});

describe("withToken", () => {
  it("refreshes once and repeats the call when TikTok calls the token dead", async () => {
    world.tiktok.expireTokens();
    const seen: string[] = [];
    const nickname = await withToken(world.deps, owner, async (token) => {
      seen.push(token);
      return (await world.deps.tiktok.creatorInfo(token)).nickname;
    });
    expect(nickname).toBe("Demo Creator");
    expect(seen).toEqual([`act.${openId}.1`, `act.${openId}.3`]);
  });

  it.each(["access_token_invalid", "scope_not_authorized"])(
    "asks to reconnect when the fresh token gets %s",
    async (code) => {
      let calls = 0;
      const call = withToken(world.deps, owner, async () => {
        calls += 1;
        throw refusal(calls === 1 ? "access_token_invalid" : code);
      });
      await expect(call).rejects.toMatchObject({ code: "reconnect_required" });
      expect(calls).toBe(2);
      expect((await account()).reconnectReason).toBe(code);
    },
  );

  it("does not refresh for a missing scope", async () => {
    const call = withToken(world.deps, owner, () =>
      Promise.reject(refusal("scope_not_authorized")),
    );
    await expect(call).rejects.toMatchObject({ code: "reconnect_required" });
    expect(world.tiktok.refreshes).toBe(0);
  });

  it.each([refusal("spam_risk"), silence, new TypeError("a bug")])(
    "passes on %s",
    async (error) => {
      const once = withToken(world.deps, owner, () => Promise.reject(error));
      await expect(once).rejects.toBe(error);
      let calls = 0;
      const afterRefresh = withToken(world.deps, owner, async () => {
        calls += 1;
        throw calls === 1 ? refusal("access_token_invalid") : error;
      });
      await expect(afterRefresh).rejects.toBe(error);
      expect((await account()).reconnectReason).toBeNull();
    },
  );
});

describe("markReconnect", () => {
  it("keeps the first reason and leaves an account that is gone alone", async () => {
    await markReconnect(world.deps, { ...owner, reason: "auth_removed" });
    await markReconnect(world.deps, { ...owner, reason: "invalid_grant" });
    expect((await account()).reconnectReason).toBe("auth_removed");

    await markReconnect(world.deps, { userId: "user-2", openId, reason: "auth_removed" });
    expect(world.deps.table.rows().filter((row) => row.pk === "USER#user-2")).toEqual([]);
  });

  it("is ended by the next login", async () => {
    await markReconnect(world.deps, { ...owner, reason: "auth_removed" });
    await world.connect();
    expect((await account()).reconnectReason).toBeNull();
  });
});
