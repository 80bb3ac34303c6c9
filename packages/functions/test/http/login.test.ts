/** The login as a browser lives it: redirects, cookies, and a reason on the page for whatever went wrong. */

import { sessionLifetimeMs } from "@clipcast/core/auth";
import { describe, expect, it } from "vitest";
import { meResponse, sessionResponse } from "../../src/contract.ts";
import { expectProblem, read } from "../browser.ts";
import { callback, connected, expectRefused, login, openId, startLogin } from "../creator.ts";
import { createHarness, unchanged } from "../harness.ts";

const sessionName = "__Host-clipcast-session";
const loginName = "__Host-clipcast-login";

describe("a login", () => {
  it("ends on the page with a session that the API knows", async () => {
    const harness = createHarness();
    const browser = harness.browser();
    const answer = await login(browser);

    expect(answer.headers.get("location")).toBe("/");
    const { accounts, isAudited, limits } = read(await browser.get("/api/me"), meResponse);
    expect(accounts).toEqual([
      {
        id: openId,
        displayName: "Demo Creator",
        state: "connected",
        reconnectReason: null,
        canPublish: true,
        canSendDrafts: true,
      },
    ]);
    expect(isAudited).toBe(false);
    expect(limits.maxFileBytes).toBe(4_294_967_296);
  });

  it("gives cookies that scripts cannot read and other sites cannot send", async () => {
    const browser = createHarness().browser();
    const start = await browser.get("/api/auth/tiktok");
    const state = new URL(start.headers.get("location") ?? "").searchParams.get("state") ?? "";
    const end = await callback(browser, { state, code: `code-${openId}` });

    const given = [...start.headers.getSetCookie(), ...end.headers.getSetCookie()];
    const sessions = given.filter((line) => line.startsWith(`${sessionName}=`));
    const logins = given.filter((line) => line.startsWith(`${loginName}=`));
    expect(sessions).toHaveLength(1);
    expect(logins).toHaveLength(2);
    for (const line of [sessions[0], logins[0]]) {
      const attributes = (line ?? "").split("; ").slice(1);
      expect(attributes).toEqual(
        expect.arrayContaining(["HttpOnly", "Secure", "SameSite=Lax", "Path=/"]),
      );
      expect(line).not.toContain("Domain");
    }
    // The login cookie has done its work.
    expect([...browser.cookies.keys()]).toEqual([sessionName]);
  });

  it("keeps no cookie value in the table", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    const stored = JSON.stringify(harness.deps.table.rows());
    for (const value of browser.cookies.values()) expect(stored).not.toContain(value);
  });

  it("passes the code on decoded exactly once", async () => {
    const harness = createHarness();
    const browser = harness.browser();
    const state = await startLogin(browser);
    await browser.get(`/api/auth/tiktok/callback?code=code-a%2A1%21x%252B&state=${state}`);
    const { accounts } = read(await browser.get("/api/me"), meResponse);
    expect(accounts.map(({ id }) => id)).toEqual(["a*1!x%2B"]);
  });

  it("sends a challenge only when the app uses PKCE", async () => {
    for (const usesPkce of [false, true]) {
      const harness = createHarness({ usesPkce });
      const challenges: (string | null)[] = [];
      const { authorizeUrl } = harness.deps.tiktok;
      harness.deps.tiktok.authorizeUrl = (options) => {
        challenges.push(options.codeChallenge);
        return authorizeUrl(options);
      };
      await connected(harness);
      expect(challenges).toEqual([usesPkce ? expect.stringMatching(/^[0-9a-f]{64}$/) : null]);
    }
  });

  it("finds the same user again at the next login", async () => {
    const harness = createHarness();
    const first = read(await (await connected(harness)).get("/api/me"), meResponse);
    const second = read(await (await connected(harness)).get("/api/me"), meResponse);
    expect(second.userId).toBe(first.userId);
  });
});

describe("return_to", () => {
  const ours = ["/", "/videos", "/videos?tab=1", "/a//b", "/caf%C3%A9"];
  it.each(ours)("leads back to %s", async (path) => {
    const browser = createHarness().browser();
    const answer = await login(browser, { query: `?return_to=${encodeURIComponent(path)}` });
    expect(answer.headers.get("location")).toBe(path);
  });

  const foreign = [
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "javascript:alert(1)",
    "videos",
    "",
    "/.//evil.example",
    "/a/..//evil.example",
    "/%2e//evil.example",
  ];
  it.each(foreign)("never leaves the site: %j", async (path) => {
    const site = "https://clipcast.example";
    const harness = createHarness();
    const query = `?return_to=${encodeURIComponent(path)}`;
    const welcomed = await login(harness.browser(), { query });
    const refused = harness.browser();
    const state = await startLogin(refused, query);
    const denied = await callback(refused, { state, error: "access_denied" });
    for (const answer of [welcomed, denied]) {
      const location = answer.headers.get("location") ?? "";
      expect(location).toMatch(/^\//);
      expect(new URL(location, `${site}/api/auth/tiktok/callback`).origin).toBe(site);
    }
  });

  it("keeps its query beside the reason of a refusal", async () => {
    const browser = createHarness().browser();
    const state = await startLogin(browser, "?return_to=%2Fvideos%3Ftab%3D1");
    const answer = await callback(browser, { state, error: "access_denied" });
    expect(answer.headers.get("location")).toBe("/videos?tab=1&login_error=access_denied");
  });
});

describe("one more account", () => {
  it("joins the user who is signed in", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    await login(browser, { account: "-000second", query: "?add=1" });
    const { accounts } = read(await browser.get("/api/me"), meResponse);
    expect(accounts.map(({ id }) => id).sort()).toEqual([openId, "-000second"].sort());
  });

  it("is not taken away from the user who has it", async () => {
    const harness = createHarness();
    const owner = await connected(harness);
    const other = await connected(harness, "-000other");
    expectRefused(await login(other, { query: "?add=1" }), "account_taken");
    const { accounts } = read(await owner.get("/api/me"), meResponse);
    expect(accounts.map(({ id }) => id)).toEqual([openId]);
  });

  it("is a plain login for whoever has no session any more", async () => {
    const harness = createHarness();
    const answer = await harness.browser().get("/api/auth/tiktok?add=1");
    expect(answer.status).toBe(302);
  });
});

describe("the session", () => {
  it("answers nobody, then the caller as `me` has them, then that it has ended", async () => {
    const harness = createHarness();
    const browser = harness.browser();
    const session = async () => read(await browser.get("/api/session"), sessionResponse);
    expect(await session()).toEqual({ isSignedIn: false, hasExpired: false });

    await login(browser);
    const me = read(await browser.get("/api/me"), meResponse);
    expect(await session()).toEqual({ isSignedIn: true, me });

    await harness.clock.advance(sessionLifetimeMs);
    expect(await session()).toEqual({ isSignedIn: false, hasExpired: true });
  });

  it("is not called absent when the table is", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    harness.deps.table.get = () => Promise.reject(new Error("throttled"));
    expectProblem(await browser.get("/api/session"), 500, "internal");
  });
});

describe("logout", () => {
  it("ends this session for good and no other", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    const elsewhere = await connected(harness);
    const kept = new Map(browser.cookies);

    expect((await browser.post("/api/auth/logout", {})).status).toBe(204);

    expect(browser.cookies.size).toBe(0);
    for (const [name, value] of kept) browser.cookies.set(name, value);
    expectProblem(await browser.get("/api/me"), 401, "session_expired");
    expect((await elsewhere.get("/api/me")).status).toBe(200);
  });

  it("is fine without a session", async () => {
    const harness = createHarness();
    const answer = await unchanged(harness, () => harness.browser().post("/api/auth/logout", {}));
    expect(answer.status).toBe(204);
  });
});
