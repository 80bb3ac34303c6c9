import { createWorld, openId, type World } from "@clipcast/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { accountsOf, findSession, finishLogin } from "../../src/auth/index.ts";
import { RetryableError } from "../../src/errors/index.ts";
import { type TikTokApi, TikTokRefusal, type TokenPair } from "../../src/tiktok/index.ts";
import { creatorInfo } from "../../src/uploads/index.ts";
import { withTikTok } from "../faults.ts";
import { begun, callback } from "./logins.ts";

let world: World;
beforeEach(() => {
  world = createWorld();
});

async function granting(scopes: string[]): Promise<TokenPair> {
  return { ...(await world.deps.tiktok.exchangeCode(`code-${openId}`, null)), scopes };
}

describe("a login", () => {
  it("creates a user at the first time, and finds them again at the second", async () => {
    const first = await begun(world.deps);
    const one = await finishLogin(world.deps, {
      callback: callback(first.state),
      browser: first.browser,
    });
    const { userId } = await findSession(world.deps, one.session);
    expect(one.returnTo).toBe("/posts");
    expect(await accountsOf(world.deps, userId)).toMatchObject([
      { openId, displayName: "Demo Creator", reconnectReason: null },
    ]);

    const second = await begun(world.deps);
    const other = await finishLogin(world.deps, {
      callback: callback(second.state),
      browser: second.browser,
    });
    expect(await findSession(world.deps, other.session)).toEqual({ userId });
    expect(await accountsOf(world.deps, userId)).toHaveLength(1);
  });

  it("stores neither state, browser value, session nor token in the clear", async () => {
    const login = await begun(world.deps, { usesPkce: true });
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
    const [one, other] = [await begun(world.deps), await begun(world.deps)];
    expect(one.state).not.toBe(other.state);
    expect(one.browser).not.toBe(other.browser);
    expect(Buffer.from(one.state, "base64url")).toHaveLength(32);
  });
});

describe("a login that TikTok or the creator refuses", () => {
  it.each([
    [{ error: "access_denied" }, "access_denied"],
    [{ error: "access_denied", errorType: "non_sandbox_target" }, "non_sandbox_target"],
    [{ error: "invalid_scope", errorType: "scope" }, "invalid_scope"],
    [{ code: undefined }, "code_missing"],
  ])("turns %o into %s and goes back to where it began", async (changes, code) => {
    const { state, browser } = await begun(world.deps);
    const finish = finishLogin(world.deps, { callback: callback(state, changes), browser });
    await expect(finish).rejects.toMatchObject({ code, returnTo: "/posts" });
    expect(world.deps.table.rows()).toEqual([]);
  });

  it("says so when neither way to post was granted, and stores nothing", async () => {
    const { state, browser } = await begun(world.deps);
    const pair = await granting(["user.info.basic"]);
    const deps = withTikTok(world, { exchangeCode: async () => pair });
    const finish = finishLogin(deps, { callback: callback(state), browser });
    await expect(finish).rejects.toMatchObject({ code: "scope_missing", returnTo: "/posts" });
    expect(world.deps.table.rows()).toEqual([]);
  });

  it.each(["video.publish", "video.upload"])("is content with %s alone", async (scope) => {
    const { state, browser } = await begun(world.deps);
    const pair = await granting([scope]);
    const displayName = () => Promise.reject(new Error("the scope for it was not granted"));
    const deps = withTikTok(world, { exchangeCode: async () => pair, displayName });
    const { session } = await finishLogin(deps, { callback: callback(state), browser });
    const { userId } = await findSession(world.deps, session);
    expect(await accountsOf(world.deps, userId)).toMatchObject([
      { displayName: "TikTok account", scopes: [scope] },
    ]);
  });

  it("survives a refused code", async () => {
    const { state, browser } = await begun(world.deps);
    world.tiktok.refuseNext("exchangeCode", "invalid_grant");
    const finish = finishLogin(world.deps, { callback: callback(state), browser });
    await expect(finish).rejects.toMatchObject({ code: "exchange_failed", returnTo: "/posts" });
  });

  it("survives an unreachable TikTok, and lets our own bugs through", async () => {
    const silence = new RetryableError("tiktok_unreachable", "No.", { retryAfterMs: 1 });
    const first = await begun(world.deps);
    const silent = withTikTok(world, { exchangeCode: () => Promise.reject(silence) });
    const finish = finishLogin(silent, {
      callback: callback(first.state),
      browser: first.browser,
    });
    await expect(finish).rejects.toMatchObject({ code: "exchange_failed", cause: silence });

    const second = await begun(world.deps);
    const bug = new TypeError("not a function");
    const broken = withTikTok(world, { exchangeCode: () => Promise.reject(bug) });
    const fail = finishLogin(broken, {
      callback: callback(second.state),
      browser: second.browser,
    });
    await expect(fail).rejects.toBe(bug);
  });
});

describe("a login whose code is spent", () => {
  const silence = new RetryableError("tiktok_unavailable", "No.", { retryAfterMs: 1 });
  const refusal = new TikTokRefusal("scope_not_authorized", "", { httpStatus: 401, logId: null });

  async function loginWith(displayName: TikTokApi["displayName"]): Promise<string> {
    const deps = withTikTok(world, { displayName });
    const { state, browser } = await begun(deps);
    const done = finishLogin(deps, { callback: callback(state), browser });
    const { session } = await world.clock.run(done);
    return (await findSession(world.deps, session)).userId;
  }
  const nameOf = async (userId: string) =>
    (await accountsOf(world.deps, userId)).map(({ displayName }) => displayName);

  it.each([
    ["refused", () => Promise.reject(refusal)],
    ["not answered", () => Promise.reject(silence)],
    ["never answered", () => new Promise<never>(() => undefined)],
  ])("is not lost because its name is %s", async (_, displayName) => {
    const beganMs = world.clock.nowMs();
    const userId = await loginWith(displayName);
    expect(await nameOf(userId)).toEqual(["TikTok account"]);
    expect(world.clock.nowMs()).toBeLessThan(beganMs + 5_000);
  });

  it("lets our own bugs through", async () => {
    const bug = new TypeError("not a function");
    await expect(loginWith(() => Promise.reject(bug))).rejects.toBe(bug);
  });

  it("is named by the next creator info, once", async () => {
    const userId = await loginWith(() => Promise.reject(silence));
    await creatorInfo(world.deps, { userId, openId });
    expect(await nameOf(userId)).toEqual(["Demo Creator"]);

    const before = world.deps.table.rows();
    await creatorInfo(world.deps, { userId, openId });
    expect(world.deps.table.rows()).toEqual(before);
  });

  it("is named by the next login, and keeps its name at one that does not learn it", async () => {
    const userId = await loginWith(() => Promise.reject(silence));
    expect(await loginWith(async () => "Harbour Films")).toBe(userId);
    expect(await nameOf(userId)).toEqual(["Harbour Films"]);

    await loginWith(() => Promise.reject(silence));
    await creatorInfo(world.deps, { userId, openId });
    expect(await nameOf(userId)).toEqual(["Harbour Films"]);
  });
});

describe("the way back after a login", () => {
  it.each(["/", "/posts", "/posts?tab=2#new", "/a/b//c", "/@me"])("keeps %s", async (returnTo) => {
    const { state, browser } = await begun(world.deps, { returnTo });
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
    const { state, browser } = await begun(world.deps, { returnTo });
    const done = await finishLogin(world.deps, { callback: callback(state), browser });
    expect(done.returnTo).toBe("/");
  });
});

describe("another account", () => {
  it("joins the user who is signed in, with TikTok's page always shown", async () => {
    await world.connect("user-1");
    let isAdding = false;
    const deps = withTikTok(world, {
      authorizeUrl: (options) => {
        isAdding = options.isAdding;
        return world.deps.tiktok.authorizeUrl(options);
      },
    });
    const { state, browser } = await begun(deps, { userId: "user-1" });
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
    const { state, browser } = await begun(world.deps, { userId: "user-1" });
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
    const { state, browser } = await begun(world.deps, { userId: "user-1" });
    const { session } = await finishLogin(world.deps, { callback: callback(state), browser });
    expect(await findSession(world.deps, session)).toEqual({ userId: "user-1" });
  });
});
