import { describe, expect, it } from "vitest";
import { z } from "zod";
import { app, callApi, consent, initBody, lastRequest, login, paths, start } from "./harness.ts";

const userSchema = z.object({
  data: z.object({ user: z.record(z.string(), z.unknown()).optional() }),
  error: z.object({ code: z.string(), message: z.string(), log_id: z.string() }),
});

async function userInfo(url: string, token: string, fields: string) {
  const response = await fetch(`${url}/v2/user/info/?fields=${fields}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: response.status, body: userSchema.parse(await response.json()) };
}

describe("user info", () => {
  it("answers just the requested fields", async () => {
    const { url } = await start();
    const { access_token, open_id } = await login(url);
    const { body } = await userInfo(url, access_token, "open_id,display_name,username");
    expect(body.data.user).toEqual({
      open_id,
      display_name: "Demo Creator",
      username: "demo.creator",
    });
    expect(body.error).toMatchObject({ code: "ok", message: "" });
  });

  it("fails as a whole for one field outside the granted scopes", async () => {
    const { url, sandbox } = await start();
    const { access_token } = await login(url, { scopes: "video.publish" });
    const first = await userInfo(url, access_token, "open_id,username");
    expect(first).toMatchObject({
      status: 401,
      body: { data: {}, error: { code: "scope_not_authorized" } },
    });
    sandbox.setKnobs({ ungrantedFieldCode: "scope_permission_missed" });
    expect((await userInfo(url, access_token, "open_id,username")).status).toBe(400);
  });

  it.each(["", "open_id%2Cdisplay_name", "open_id,shoe_size"])(
    "refuses fields=%s",
    async (fields) => {
      const { url } = await start();
      const { access_token } = await login(url);
      const { status, body } = await userInfo(url, access_token, fields);
      expect([status, body.error.code]).toEqual([400, "invalid_params"]);
    },
  );

  it("refuses an unknown and an expired token", async () => {
    const { url, clock } = await start();
    const { access_token } = await login(url);
    const unknown = await userInfo(url, "act.unknown", "open_id");
    expect(unknown).toMatchObject({
      status: 401,
      body: {
        data: {},
        error: {
          code: "access_token_invalid",
          message: "The access token is invalid or not found in the request.",
        },
      },
    });
    clock.advance(86_400_000);
    expect((await userInfo(url, access_token, "open_id")).status).toBe(401);
  });
});

describe("creator info", () => {
  it("mirrors the account, whatever the app's audit", async () => {
    const { url } = await start({ apps: [{ ...app, isAudited: false }] });
    const { access_token } = await login(url);
    const { data } = await callApi(url, paths.creatorInfo, access_token);
    expect(data).toMatchObject({
      creator_username: "demo.creator",
      creator_nickname: "Demo Creator",
      privacy_level_options: ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
      comment_disabled: false,
      duet_disabled: false,
      max_video_post_duration_sec: 600,
    });
  });

  it("forces duet and stitch off for a private account", async () => {
    const { url } = await start();
    const { access_token } = await login(url, { creator: "private.creator" });
    const { data } = await callApi(url, paths.creatorInfo, access_token);
    expect(data).toMatchObject({
      privacy_level_options: ["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
      comment_disabled: false,
      duet_disabled: true,
      stitch_disabled: true,
    });
  });

  it.each([
    ["busy.creator", "spam_risk_too_many_posts"],
    ["banned.creator", "spam_risk_user_banned_from_posting"],
  ])("answers 200 on purpose when %s may not post", async (creator, code) => {
    const { url, sandbox } = await start();
    const { access_token } = await login(url, { creator });
    const answer = await callApi(url, paths.creatorInfo, access_token);
    expect(answer).toMatchObject({ status: 200, code, data: {} });
    expect(lastRequest(sandbox, "creatorInfo")).toMatchObject({ status: 200, code });
    expect(lastRequest(sandbox, "creatorInfo")?.rule).toMatch(/^§/);
  });

  it("needs video.publish", async () => {
    const { url } = await start();
    const { access_token } = await login(url, { scopes: "video.upload" });
    expect(await callApi(url, paths.creatorInfo, access_token)).toMatchObject({
      status: 401,
      code: "scope_not_authorized",
    });
  });
});

describe("rate windows", () => {
  it.each([
    ["init", paths.init, 6],
    ["creator info", paths.creatorInfo, 20],
    ["status", paths.status, 30],
  ])("of %s slide over a minute, per token", async (_, path, limit) => {
    const { url, clock } = await start();
    const { access_token } = await login(url);
    for (let count = 0; count < limit; count += 1) {
      expect((await callApi(url, path, access_token)).code).not.toBe("rate_limit_exceeded");
      clock.advance(1000);
    }
    expect(await callApi(url, path, access_token)).toMatchObject({
      status: 429,
      code: "rate_limit_exceeded",
    });
    const other = await login(url);
    expect((await callApi(url, path, other.access_token)).code).not.toBe("rate_limit_exceeded");
    // The first call is just a minute old: one slot, not a whole window.
    clock.advance(60_000 - limit * 1000);
    expect((await callApi(url, path, access_token)).code).not.toBe("rate_limit_exceeded");
    expect((await callApi(url, path, access_token)).code).toBe("rate_limit_exceeded");
  });
});

it("keeps secrets out of the request log", async () => {
  const { url, sandbox } = await start();
  const callback = await consent(url);
  const { access_token, refresh_token } = await login(url);
  const { data } = await callApi(url, paths.init, access_token, initBody(9));
  await fetch(String(data?.upload_url), { method: "PUT", body: "x" });
  const log = JSON.stringify(sandbox.requests());
  const uploadToken = new URL(String(data?.upload_url)).searchParams.get("upload_token") ?? "none";
  const secrets = [
    access_token,
    refresh_token,
    uploadToken,
    callback.searchParams.get("code") ?? "none",
  ];
  for (const secret of secrets) expect(log).not.toContain(secret);
});
