/** Every login that must not happen: the state first, then what TikTok sent, then what it says about the code. */
import { loginLifetimeMs } from "@clipcast/core/auth";
import { RetryableError } from "@clipcast/core/errors";
import { describe, expect, it } from "vitest";
import { callback, expectRefused, login, openId, startLogin } from "../creator.ts";
import { createHarness, type Harness, unchanged } from "../harness.ts";

const loginName = "__Host-clipcast-login";

function rowsOf(harness: Harness, prefix: string) {
  return harness.deps.table.rows().filter(({ pk, sk }) => `${pk} ${sk}`.includes(prefix));
}

describe("the callback refuses", () => {
  it.each([{}, { state: "" }])("a missing state %j", async (query) => {
    const harness = createHarness();
    const browser = harness.browser();
    await startLogin(browser);
    const call = () => callback(browser, { code: `code-${openId}`, ...query });
    expectRefused(await unchanged(harness, call), "state_missing");
  });

  it("a state that nobody drew", async () => {
    const harness = createHarness();
    const browser = harness.browser();
    await startLogin(browser);
    const call = () => callback(browser, { code: `code-${openId}`, state: "x".repeat(43) });
    expectRefused(await unchanged(harness, call), "state_unknown");
  });

  it("a state that was used before", async () => {
    const harness = createHarness();
    const browser = harness.browser();
    const state = await startLogin(browser);
    const loginCookie = browser.cookies.get(loginName) ?? "";
    await callback(browser, { state, code: `code-${openId}` });
    browser.cookies.set(loginName, loginCookie);
    const call = () => callback(browser, { state, code: `code-${openId}` });
    expectRefused(await unchanged(harness, call), "state_unknown");
  });

  it("a state of another browser, and leaves it to its owner", async () => {
    const harness = createHarness();
    const owner = harness.browser();
    const state = await startLogin(owner);
    const withCookie = harness.browser();
    await startLogin(withCookie);
    for (const thief of [harness.browser(), withCookie]) {
      const call = () => callback(thief, { state, code: "code--000thief" });
      expectRefused(await unchanged(harness, call), "state_foreign");
    }
    const answer = await callback(owner, { state, code: `code-${openId}` });
    expect(answer.headers.get("location")).toBe("/");
  });

  it("a state from its tenth minute on", async () => {
    const harness = createHarness();
    const browser = harness.browser();
    const early = await startLogin(browser);
    await harness.clock.advance(loginLifetimeMs - 1);
    const inTime = await callback(browser, { state: early, code: `code-${openId}` });
    expect(inTime.headers.get("location")).toBe("/");

    const other = harness.browser();
    const late = await startLogin(other);
    await harness.clock.advance(loginLifetimeMs);
    expectRefused(await callback(other, { state: late, code: "code-x" }), "state_expired");
    expect(rowsOf(harness, "ACCOUNT#")).toHaveLength(1);
  });

  const words = [
    { query: { error: "access_denied" }, code: "access_denied" },
    {
      query: { error: "access_denied", error_type: "non_sandbox_target" },
      code: "non_sandbox_target",
    },
    { query: { error: "<script>alert(1)</script>" }, code: "unknown" },
    { query: { error: "act.secret-token" }, code: "unknown" },
    { query: {}, code: "code_missing" },
  ];
  it.each(words)("what TikTok sends back as $query", async ({ query, code }) => {
    const harness = createHarness();
    const browser = harness.browser();
    const state = await startLogin(browser);
    expectRefused(await callback(browser, { state, ...query }), code);
    expect(rowsOf(harness, "ACCOUNT#")).toHaveLength(0);
    expect(rowsOf(harness, "SESSION#")).toHaveLength(0);
    // The word came by the address bar, so the log has only what the page has.
    expect(harness.deps.log.lines).toContainEqual({ event: "login.refused", code });
  });

  it.each(["invalid_grant", "invalid_client"])(
    "a code that TikTok answers with %s",
    async (code) => {
      const harness = createHarness();
      const browser = harness.browser();
      harness.tiktok.refuseNext("exchangeCode", code);
      expectRefused(await login(browser), "exchange_failed");
      expect(rowsOf(harness, "ACCOUNT#")).toHaveLength(0);
    },
  );

  it("a code while TikTok is silent", async () => {
    const harness = createHarness();
    harness.deps.tiktok.exchangeCode = () =>
      Promise.reject(new RetryableError("tiktok_unreachable", "silent", { retryAfterMs: 1 }));
    expectRefused(await login(harness.browser()), "exchange_failed");
  });

  it("a grant that allows neither posts nor drafts", async () => {
    const harness = createHarness();
    const { exchangeCode } = harness.deps.tiktok;
    harness.deps.tiktok.exchangeCode = async (...code) => ({
      ...(await exchangeCode(...code)),
      scopes: ["user.info.basic"],
    });
    expectRefused(await login(harness.browser()), "scope_missing");
    expect(rowsOf(harness, "ACCOUNT#")).toHaveLength(0);
  });
});
