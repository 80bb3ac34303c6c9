/** An account's own routes: refresh, disconnect, creator info, and how TikTok's moods reach the creator. */
import { createTikTokApi } from "@clipcast/core/tiktok";
import { describe, expect, it } from "vitest";
import { creatorInfoResponse, meResponse, refreshResponse } from "../../src/contract.ts";
import { type Browser, expectProblem, read } from "../browser.ts";
import { connected, login, openId } from "../creator.ts";
import { createHarness, type Harness, unchanged } from "../harness.ts";

const account = { accountId: openId };
const creatorInfo = (browser: Browser) => browser.post("/api/tiktok/creator-info", account);
const refresh = (browser: Browser) => browser.post("/api/auth/tiktok/refresh", account);
const disconnect = (browser: Browser) => browser.call("DELETE", `/api/accounts/${openId}`);

/** From here on the real client speaks to a TikTok that answers everything alike; null: no answer at all. */
function answerWith(
  harness: Harness,
  answer: { status: number; body: string; headers?: Record<string, string> } | null,
): void {
  const config = {
    authorizeUrl: "https://www.tiktok.example/v2/auth/authorize/",
    apiUrl: "https://open.tiktok.example",
    uploadHostSuffix: ".tiktok.example",
    clientKey: "client-key",
    clientSecret: "client-secret",
    redirectUri: "https://clipcast.example/api/auth/tiktok/callback",
  };
  harness.deps.tiktok = createTikTokApi(config, {
    fetch: async () => {
      if (answer === null) throw new TypeError("fetch failed");
      const { status, body, headers = {} } = answer;
      return new Response(body, { status, headers });
    },
  });
}

const envelope = (code: string) =>
  JSON.stringify({ data: {}, error: { code, message: "a message", log_id: "2026" } });

describe("creator info", () => {
  it("says what the creator may choose now", async () => {
    const harness = createHarness();
    const info = read(await creatorInfo(await connected(harness)), creatorInfoResponse);
    expect(info).toEqual(harness.tiktok.creator);
  });

  const caps = [
    { cap: "spam_risk_too_many_posts", words: "Try again tomorrow" },
    { cap: "spam_risk_user_banned_from_posting", words: "does not let this account post" },
    { cap: "reached_active_user_cap", words: "limit of creators" },
  ];
  it.each(caps)("turns $cap, which TikTok answers with 200, into a refusal", async (one) => {
    const harness = createHarness();
    const browser = await connected(harness);
    answerWith(harness, { status: 200, body: envelope(one.cap) });
    const answer = await unchanged(harness, () => creatorInfo(browser));
    const { detail } = expectProblem(answer, 409, "creator_cannot_post");
    expect(detail).toContain(one.words);
  });

  it("passes TikTok's rate limit on with the time to wait", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    const body = envelope("rate_limit_exceeded");
    answerWith(harness, { status: 429, body, headers: { "retry-after": "7" } });
    const answer = await unchanged(harness, () => creatorInfo(browser));
    expect(expectProblem(answer, 429, "rate_limited").retryAfterMs).toBe(7_000);
    expect(answer.headers.get("retry-after")).toBe("7");
  });

  const outages = [
    { name: "answers 500", answer: { status: 500, body: envelope("internal_error") } },
    { name: "sends a gateway's page", answer: { status: 502, body: "<html>Bad gateway" } },
    { name: "answers 200 and nonsense", answer: { status: 200, body: '{"data":{"a":1}}' } },
  ];
  it.each(outages)("answers 503 when TikTok $name", async ({ answer: given }) => {
    const harness = createHarness();
    const browser = await connected(harness);
    answerWith(harness, given);
    const answer = await unchanged(harness, () => creatorInfo(browser));
    expectProblem(answer, 503, "tiktok_unavailable");
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("answers 503 when TikTok cannot be reached", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    answerWith(harness, null);
    const answer = await unchanged(harness, () => creatorInfo(browser));
    expectProblem(answer, 503, "tiktok_unreachable");
  });

  it("refreshes a token that TikTok has stopped accepting, unseen", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    harness.tiktok.expireTokens();
    expect((await creatorInfo(browser)).status).toBe(200);
    expect(harness.tiktok.refreshes).toBe(1);
  });

  it("asks to reconnect when the grant is gone, until the next login", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    harness.tiktok.expireTokens();
    harness.tiktok.refuseNext("refresh", "invalid_grant");
    expectProblem(await creatorInfo(browser), 409, "reconnect_required");
    expectProblem(await creatorInfo(browser), 409, "reconnect_required");
    const before = read(await browser.get("/api/me"), meResponse).accounts[0];
    expect(before).toMatchObject({
      state: "reconnect",
      reconnectReason: expect.stringContaining("Reconnect"),
    });

    await login(browser);

    const after = read(await browser.get("/api/me"), meResponse).accounts[0];
    expect(after).toMatchObject({ state: "connected", reconnectReason: null });
    expect((await creatorInfo(browser)).status).toBe(200);
  });
});

describe("refresh", () => {
  it("answers when the new tokens end, and no token", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    await harness.clock.advance(3_600_000);
    const answer = await refresh(browser);
    const nowMs = harness.clock.nowMs();
    expect(read(answer, refreshResponse)).toEqual({
      accessExpiresAtMs: nowMs + 86_400_000,
      refreshExpiresAtMs: nowMs + 31_536_000_000,
    });
    expect(answer.text).not.toMatch(/act\.|rft\./);
    expect(harness.tiktok.refreshes).toBe(1);
  });

  it("asks TikTok once however many ask us", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    const all = Array.from({ length: 5 }, () => refresh(browser));
    const answers = await harness.clock.run(Promise.all(all));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(harness.tiktok.refreshes).toBe(1);
  });

  it("answers 503 and disconnects nobody while TikTok is down", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    answerWith(harness, { status: 503, body: "" });
    expectProblem(await refresh(browser), 503, "tiktok_unavailable");
    const { accounts } = read(await browser.get("/api/me"), meResponse);
    expect(accounts[0]?.state).toBe("connected");
  });

  it("asks to reconnect when TikTok no longer knows the grant", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    harness.tiktok.refuseNext("refresh", "invalid_grant");
    expectProblem(await refresh(browser), 409, "reconnect_required");
  });
});

describe("disconnect", () => {
  it("revokes at TikTok and forgets the account, so that anybody may connect it", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    const revoked: string[] = [];
    harness.deps.tiktok.revoke = async (token) => {
      revoked.push(token);
    };
    expect((await disconnect(browser)).status).toBe(204);
    expect(revoked).toEqual([expect.stringMatching(/^act\./)]);
    expect(read(await browser.get("/api/me"), meResponse).accounts).toEqual([]);
    expectProblem(await disconnect(browser), 404, "not_found");

    const other = await connected(harness, "-000other");
    const answer = await login(other, { query: "?add=1" });
    expect(answer.headers.get("location")).toBe("/");
  });

  it("forgets the account although TikTok calls its token dead", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    harness.tiktok.refuseNext("revoke", "access_token_invalid");
    expect((await disconnect(browser)).status).toBe(204);
    expect(read(await browser.get("/api/me"), meResponse).accounts).toEqual([]);
  });

  it("keeps the account while TikTok cannot be asked", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    answerWith(harness, null);
    const answer = await unchanged(harness, () => disconnect(browser));
    expectProblem(answer, 503, "tiktok_unavailable");
  });
});
