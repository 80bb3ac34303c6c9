import { createHash } from "node:crypto";
import { createWorld, openId } from "@clipcast/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { accountsOf, beginLogin, findSession, finishLogin } from "../../src/auth/index.ts";
import { challengeOf } from "../../src/auth/login.ts";
import { RetryableError } from "../../src/errors/index.ts";
import type { TikTokApi, TokenPair } from "../../src/tiktok/index.ts";

type World = ReturnType<typeof createWorld>;
let world: World;
beforeEach(() => {
  world = createWorld();
});

async function begun(changes: Partial<Parameters<typeof beginLogin>[1]> = {}, deps = world.deps) {
  const input = { returnTo: "/posts", userId: null, usesPkce: false, ...changes };
  const { redirectUrl, browser } = await beginLogin(deps, input);
  const state = new URL(redirectUrl).searchParams.get("state") ?? "";
  return { redirectUrl, browser, state };
}

function callback(state: string | undefined, changes: Record<string, string | undefined> = {}) {
  return { state, code: `code-${openId}`, error: undefined, errorType: undefined, ...changes };
}

function replaced(changes: Partial<TikTokApi>): World["deps"] {
  return { ...world.deps, tiktok: { ...world.deps.tiktok, ...changes } };
}

async function granting(scopes: string[]): Promise<TokenPair> {
  return { ...(await world.deps.tiktok.exchangeCode(`code-${openId}`, null)), scopes };
}

describe("a login", () => {
  it("creates a user at the first time, and finds them again at the second", async () => {
    const first = await begun();
    const one = await finishLogin(world.deps, {
      callback: callback(first.state),
      browser: first.browser,
    });
    const { userId } = await findSession(world.deps, one.session);
    expect(one.returnTo).toBe("/posts");
    expect(await accountsOf(world.deps, userId)).toMatchObject([
      { openId, displayName: "Demo Creator", reconnectReason: null },
    ]);

    const second = await begun();
    const other = await finishLogin(world.deps, {
      callback: callback(second.state),
      browser: second.browser,
    });
    expect(await findSession(world.deps, other.session)).toEqual({ userId });
    expect(await accountsOf(world.deps, userId)).toHaveLength(1);
  });

  it("stores neither state, browser value, session nor token in the clear", async () => {
    const login = await begun({ usesPkce: true });
    const table = () => JSON.stringify(world.deps.table.rows());
    expect(table()).not.toContain(login.state);
    expect(table()).not.toContain(login.browser);

    const { session } = await finishLogin(world.deps, {
      callback: callback(login.state),
      browser: login.browser,
    });
    expect(table()).not.toContain(session);
    expect(table()).not.toMatch(/act\.|rft\./);
  });

  it("draws every state and browser value anew", async () => {
    const [one, other] = [await begun(), await begun()];
    expect(one.state).not.toBe(other.state);
    expect(one.browser).not.toBe(other.browser);
    expect(Buffer.from(one.state, "base64url")).toHaveLength(32);
  });
});

describe("the state of a login", () => {
  it.each([undefined, ""])("must be there (%o)", async (state) => {
    const { browser } = await begun();
    const finish = finishLogin(world.deps, { callback: callback(state), browser });
    await expect(finish).rejects.toMatchObject({ name: "LoginRefused", code: "state_missing" });
  });

  it("must be one of ours", async () => {
    const { browser } = await begun();
    const finish = finishLogin(world.deps, { callback: callback("made-up"), browser });
    await expect(finish).rejects.toMatchObject({ code: "state_unknown", returnTo: "/" });
  });

  it("works once", async () => {
    const { state, browser } = await begun();
    await finishLogin(world.deps, { callback: callback(state), browser });
    const replay = finishLogin(world.deps, { callback: callback(state), browser });
    await expect(replay).rejects.toMatchObject({ code: "state_unknown" });
  });

  it("lets one of two racing callbacks through", async () => {
    const { state, browser } = await begun();
    const results = await Promise.allSettled([
      finishLogin(world.deps, { callback: callback(state), browser }),
      finishLogin(world.deps, { callback: callback(state), browser }),
    ]);
    expect(results.map((result) => result.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(results.find((result) => result.status === "rejected")).toMatchObject({
      reason: { code: "state_unknown" },
    });
  });

  it("dies after ten minutes", async () => {
    const [early, late] = [await begun(), await begun()];
    await world.clock.advance(599_999);
    await finishLogin(world.deps, { callback: callback(early.state), browser: early.browser });
    await world.clock.advance(1);
    const finish = finishLogin(world.deps, {
      callback: callback(late.state),
      browser: late.browser,
    });
    await expect(finish).rejects.toMatchObject({ code: "state_expired" });
  });

  it("belongs to one browser, and another one cannot spend it", async () => {
    const { state, browser } = await begun();
    const victim = await begun();
    for (const foreign of [undefined, "", victim.browser]) {
      const finish = finishLogin(world.deps, { callback: callback(state), browser: foreign });
      await expect(finish).rejects.toMatchObject({ code: "state_foreign" });
    }
    await finishLogin(world.deps, { callback: callback(state), browser });
  });

  it("is spent before the code is exchanged", async () => {
    const { state, browser } = await begun();
    let rowsAtExchange = -1;
    const deps = replaced({
      exchangeCode: async (code, verifier) => {
        rowsAtExchange = world.deps.table.rows().length;
        return world.deps.tiktok.exchangeCode(code, verifier);
      },
    });
    await finishLogin(deps, { callback: callback(state), browser });
    expect(rowsAtExchange).toBe(0);
  });

  it("is verified before an error in the callback is believed", async () => {
    const { browser } = await begun();
    const finish = finishLogin(world.deps, {
      callback: callback("made-up", { error: "access_denied" }),
      browser,
    });
    await expect(finish).rejects.toMatchObject({ code: "state_unknown" });
  });
});

describe("a login that TikTok or the creator refuses", () => {
  it.each([
    [{ error: "access_denied" }, "access_denied"],
    [{ error: "access_denied", errorType: "non_sandbox_target" }, "non_sandbox_target"],
    [{ error: "invalid_scope", errorType: "scope" }, "invalid_scope"],
    [{ code: undefined }, "code_missing"],
  ])("turns %o into %s and goes back to where it began", async (changes, code) => {
    const { state, browser } = await begun();
    const finish = finishLogin(world.deps, { callback: callback(state, changes), browser });
    await expect(finish).rejects.toMatchObject({ code, returnTo: "/posts" });
    expect(world.deps.table.rows()).toEqual([]);
  });

  it("says so when neither way to post was granted, and stores nothing", async () => {
    const { state, browser } = await begun();
    const pair = await granting(["user.info.basic"]);
    const deps = replaced({ exchangeCode: async () => pair });
    const finish = finishLogin(deps, { callback: callback(state), browser });
    await expect(finish).rejects.toMatchObject({ code: "scope_missing", returnTo: "/posts" });
    expect(world.deps.table.rows()).toEqual([]);
  });

  it.each(["video.publish", "video.upload"])("is content with %s alone", async (scope) => {
    const { state, browser } = await begun();
    const pair = await granting([scope]);
    const displayName = () => Promise.reject(new Error("the scope for it was not granted"));
    const deps = replaced({ exchangeCode: async () => pair, displayName });
    const { session } = await finishLogin(deps, { callback: callback(state), browser });
    const { userId } = await findSession(world.deps, session);
    expect(await accountsOf(world.deps, userId)).toMatchObject([
      { displayName: "TikTok account", scopes: [scope] },
    ]);
  });

  it.each(["exchangeCode", "displayName"] as const)("survives a refused %s", async (call) => {
    const { state, browser } = await begun();
    world.tiktok.refuseNext(call, "invalid_grant");
    const finish = finishLogin(world.deps, { callback: callback(state), browser });
    await expect(finish).rejects.toMatchObject({ code: "exchange_failed", returnTo: "/posts" });
  });

  it("survives an unreachable TikTok, and lets our own bugs through", async () => {
    const silence = new RetryableError("tiktok_unreachable", "No.", { retryAfterMs: 1 });
    const first = await begun();
    const silent = replaced({ exchangeCode: () => Promise.reject(silence) });
    const finish = finishLogin(silent, {
      callback: callback(first.state),
      browser: first.browser,
    });
    await expect(finish).rejects.toMatchObject({ code: "exchange_failed", cause: silence });

    const second = await begun();
    const bug = new TypeError("not a function");
    const broken = replaced({ exchangeCode: () => Promise.reject(bug) });
    const fail = finishLogin(broken, {
      callback: callback(second.state),
      browser: second.browser,
    });
    await expect(fail).rejects.toBe(bug);
  });
});

describe("the way back after a login", () => {
  it.each(["/", "/posts", "/posts?tab=2#new", "/a/b//c", "/@me"])("keeps %s", async (returnTo) => {
    const { state, browser } = await begun({ returnTo });
    const done = await finishLogin(world.deps, { callback: callback(state), browser });
    expect(done.returnTo).toBe(returnTo);
  });

  it.each([
    undefined,
    "",
    "posts",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " /posts",
    "/posts\\..\\evil",
    "https://evil.example/",
    "javascript:alert(1)",
    "\\\\evil.example",
    "/posts\r\nset-cookie: a=b",
  ])("replaces %o by the front page", async (returnTo) => {
    const { state, browser } = await begun({ returnTo });
    const done = await finishLogin(world.deps, { callback: callback(state), browser });
    expect(done.returnTo).toBe("/");
  });
});

describe("PKCE", () => {
  it("uses TikTok's challenge: lower-case hex of the verifier's SHA-256", () => {
    // The test vector of the fact sheet, section 1.2.
    expect(challengeOf("oQ3-vEr1f1er_for~docs.0123456789abcdefghijKLMNOP")).toBe(
      "288b2112cd8b643418eb3f4da98e6f1642c923dc69ae206721efec16b64996ee",
    );
  });

  it("sends a challenge and later the verifier that belongs to it", async () => {
    let challenge: string | null = null;
    let verifier: string | null = null;
    const deps = replaced({
      authorizeUrl: (options) => {
        challenge = options.codeChallenge;
        return world.deps.tiktok.authorizeUrl(options);
      },
      exchangeCode: (code, given) => {
        verifier = given;
        return world.deps.tiktok.exchangeCode(code, given);
      },
    });
    const { state, browser } = await begun({ usesPkce: true }, deps);
    await finishLogin(deps, { callback: callback(state), browser });
    expect(verifier).toMatch(/^[A-Za-z0-9\-._~]{43,128}$/);
    expect(challenge).toBe(createHash("sha256").update(String(verifier)).digest("hex"));
  });

  it("is left out where the app does not use it", async () => {
    const given: unknown[] = [];
    const deps = replaced({
      authorizeUrl: (options) => {
        given.push(options.codeChallenge);
        return world.deps.tiktok.authorizeUrl(options);
      },
      exchangeCode: (code, verifier) => {
        given.push(verifier);
        return world.deps.tiktok.exchangeCode(code, verifier);
      },
    });
    const { state, browser } = await begun({}, deps);
    await finishLogin(deps, { callback: callback(state), browser });
    expect(given).toEqual([null, null]);
  });
});

describe("another account", () => {
  it("joins the user who is signed in, with TikTok's page always shown", async () => {
    await world.connect("user-1");
    let isAdding = false;
    const deps = replaced({
      authorizeUrl: (options) => {
        isAdding = options.isAdding;
        return world.deps.tiktok.authorizeUrl(options);
      },
    });
    const { state, browser } = await begun({ userId: "user-1" }, deps);
    const { session } = await finishLogin(deps, {
      callback: callback(state, { code: "code-second" }),
      browser,
    });
    expect(isAdding).toBe(true);
    expect(await findSession(world.deps, session)).toEqual({ userId: "user-1" });
    const accounts = await accountsOf(world.deps, "user-1");
    expect(accounts.map((account) => account.openId)).toEqual([openId, "second"]);
  });

  it("is refused when it belongs to another user, whose connection stays as it was", async () => {
    await world.connect("user-2", "second");
    const before = await accountsOf(world.deps, "user-2");
    const { state, browser } = await begun({ userId: "user-1" });
    const finish = finishLogin(world.deps, {
      callback: callback(state, { code: "code-second" }),
      browser,
    });
    await expect(finish).rejects.toMatchObject({ code: "account_taken", returnTo: "/posts" });
    expect(await accountsOf(world.deps, "user-1")).toEqual([]);
    expect(await accountsOf(world.deps, "user-2")).toEqual(before);
  });

  it("may be connected again by the user it belongs to", async () => {
    await world.connect("user-1");
    const { state, browser } = await begun({ userId: "user-1" });
    const { session } = await finishLogin(world.deps, { callback: callback(state), browser });
    expect(await findSession(world.deps, session)).toEqual({ userId: "user-1" });
  });
});
