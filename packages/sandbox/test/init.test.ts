import { describe, expect, it } from "vitest";
import {
  app,
  callApi,
  control,
  fileSource,
  initBody,
  lastRequest,
  login,
  paths,
  start,
} from "./harness.ts";

describe("a direct init", () => {
  it.each([
    ["PUBLIC", 400, "invalid_params"],
    [undefined, 400, "invalid_params"],
    ["FOLLOWER_OF_CREATOR", 403, "privacy_level_option_mismatch"],
  ])("with privacy_level %s answers %i", async (privacy_level, status, code) => {
    const { url } = await start();
    const { access_token } = await login(url);
    const body = initBody(1000, { post: { privacy_level } });
    expect(await callApi(url, paths.init, access_token, body)).toMatchObject({ status, code });
  });

  it("takes a title of 2,200 UTF-16 units and no more", async () => {
    const { url } = await start();
    const { access_token } = await login(url);
    const fits = initBody(1000, { post: { title: "😀".repeat(1100) } });
    expect((await callApi(url, paths.init, access_token, fits)).code).toBe("ok");
    const tooLong = initBody(1000, { post: { title: `${"😀".repeat(1100)}x` } });
    expect(await callApi(url, paths.init, access_token, tooLong)).toMatchObject({
      status: 400,
      message: "The request post info is empty or incorrect",
    });
  });

  it("answers chunk faults in TikTok's words and names the rule in the log", async () => {
    const { url, sandbox } = await start();
    const { access_token } = await login(url);
    const body = {
      ...initBody(1000),
      source_info: { ...fileSource(50_000_123, 10_000_000), total_chunk_count: 6 },
    };
    const answer = await callApi(url, paths.init, access_token, body);
    expect(answer).toMatchObject({ status: 400, message: "The total chunk count is invalid" });
    expect(answer.data).toBeUndefined();
    expect(lastRequest(sandbox, "init")?.rule).toContain("§7.1");
  });

  it("answers an id and a URL in TikTok's shapes", async () => {
    const { url } = await start();
    const { access_token } = await login(url);
    const { data } = await callApi(url, paths.init, access_token, initBody(1000));
    expect(data?.publish_id).toMatch(/^v_pub_file~v2-1\.\d{19}$/);
    expect(String(data?.upload_url).length).toBeLessThanOrEqual(256);
  });

  it("refuses branded content for oneself, malformed bodies and other media types", async () => {
    const { url } = await start();
    const { access_token } = await login(url);
    const branded = { privacy_level: "SELF_ONLY", brand_content_toggle: true };
    const first = await callApi(url, paths.init, access_token, initBody(9, { post: branded }));
    expect(first.code).toBe("invalid_params");
    expect((await callApi(url, paths.init, access_token, "{")).code).toBe("invalid_params");
    const response = await fetch(url + paths.init, {
      method: "POST",
      headers: { authorization: `Bearer ${access_token}`, "content-type": "text/plain" },
      body: JSON.stringify(initBody(9)),
    });
    expect(response.status).toBe(400);
  });

  it("without the trailing slash is refused, unless the knob allows it", async () => {
    const { url, sandbox } = await start();
    const { access_token } = await login(url);
    const path = paths.init.slice(0, -1);
    expect((await callApi(url, path, access_token, initBody(9))).status).toBe(404);
    sandbox.setKnobs({ slashlessPaths: "accept" });
    expect((await callApi(url, path, access_token, initBody(9))).status).toBe(200);
  });
});

describe("an unaudited app", () => {
  const unaudited = { apps: [{ ...app, isAudited: false }] };
  const code = "unaudited_client_can_only_post_to_private_accounts";

  it("cannot post to a public account, not even SELF_ONLY, until the knob audits it", async () => {
    const { url } = await start(unaudited);
    const { access_token } = await login(url);
    const body = initBody(9, { post: { privacy_level: "SELF_ONLY" } });
    expect(await callApi(url, paths.init, access_token, body)).toMatchObject({ status: 403, code });
    await control(url, "/knobs", "PATCH", { audited: true });
    expect((await callApi(url, paths.init, access_token, body)).code).toBe("ok");
  });

  it("posts SELF_ONLY to a private account", async () => {
    const { url } = await start(unaudited);
    const { access_token } = await login(url, { creator: "private.creator" });
    const initWith = (privacy_level: string) =>
      callApi(url, paths.init, access_token, initBody(9, { post: { privacy_level } }));
    expect((await initWith("SELF_ONLY")).code).toBe("ok");
    expect((await initWith("FOLLOWER_OF_CREATOR")).code).toBe(code);
    expect((await initWith("PUBLIC_TO_EVERYONE")).code).toBe("privacy_level_option_mismatch");
  });

  it("serves five creators a day; those already active keep posting", async () => {
    const { url, clock } = await start(unaudited);
    const tokens: string[] = [];
    for (let index = 0; index < 6; index += 1) {
      const username = `private.${index}`;
      await control(url, "/creators", "POST", { username, isPrivate: true });
      tokens.push((await login(url, { creator: username })).access_token);
    }
    const body = initBody(9, { post: { privacy_level: "SELF_ONLY" } });
    const codes: string[] = [];
    for (const token of tokens) codes.push((await callApi(url, paths.init, token, body)).code);
    expect(codes).toEqual(["ok", "ok", "ok", "ok", "ok", "reached_active_user_cap"]);
    expect((await callApi(url, paths.init, tokens[0] ?? "", body)).code).toBe("ok");
    clock.advance(86_400_000);
    const nextDay = await login(url, { creator: "private.5" });
    expect((await callApi(url, paths.init, nextDay.access_token, body)).code).toBe("ok");
  });
});

describe("caps", () => {
  it("count posts made elsewhere, and refuse the init with 403", async () => {
    const { url } = await start();
    const { access_token } = await login(url, { creator: "busy.creator" });
    expect(await callApi(url, paths.init, access_token, initBody(9))).toMatchObject({
      status: 403,
      code: "spam_risk_too_many_posts",
    });
  });

  it("allow five drafts that wait; the status of the sixth is a knob", async () => {
    const { url, sandbox, clock } = await start();
    const { access_token } = await login(url);
    const body = { source_info: fileSource(9) };
    for (let count = 0; count < 5; count += 1) {
      expect((await callApi(url, paths.inboxInit, access_token, body)).code).toBe("ok");
    }
    clock.advance(60_000);
    const code = "spam_risk_too_many_pending_share";
    expect(await callApi(url, paths.inboxInit, access_token, body)).toMatchObject({
      status: 403,
      code,
    });
    sandbox.setKnobs({ pendingSharesStatus: 400 });
    expect(await callApi(url, paths.inboxInit, access_token, body)).toMatchObject({
      status: 400,
      code,
    });
  });
});

describe("an inbox init", () => {
  it("takes source_info only and needs video.upload", async () => {
    const { url } = await start();
    const { access_token } = await login(url);
    const answer = await callApi(url, paths.inboxInit, access_token, {
      source_info: fileSource(9),
    });
    expect(answer.data?.publish_id).toMatch(/^v_inbox_file~v2\.\d{19}$/);
    expect((await callApi(url, paths.inboxInit, access_token, initBody(9))).code).toBe(
      "invalid_params",
    );
    const publishOnly = await login(url, { scopes: "video.publish" });
    expect(
      (
        await callApi(url, paths.inboxInit, publishOnly.access_token, {
          source_info: fileSource(9),
        })
      ).code,
    ).toBe("scope_not_authorized");
  });
});

describe("PULL_FROM_URL", () => {
  const body = (video_url: string) => ({
    ...initBody(9),
    source_info: { source: "PULL_FROM_URL", video_url },
  });

  it.each([
    ["https://eu.media.example.com/x.mp4", "ok"],
    ["https://media.example.com/x.mp4?sig=1", "ok"],
    ["https://example.com/x.mp4", "url_ownership_unverified"],
    ["https://evilmedia.example.com.evil.test/x.mp4", "url_ownership_unverified"],
    ["http://media.example.com/x.mp4", "url_ownership_unverified"],
    ["https://203.0.113.7/x.mp4", "url_ownership_unverified"],
    ["https://example.org/v/u/7/x.mp4", "ok"],
    ["https://example.org/v/2026/u/7/x.mp4", "url_ownership_unverified"],
  ])("of %s answers %s", async (videoUrl, code) => {
    const knobs = {
      verifiedDomains: ["media.example.com"],
      verifiedPrefixes: ["https://example.org/v/u/"],
    };
    const { url } = await start({ knobs });
    const { access_token } = await login(url);
    const answer = await callApi(url, paths.init, access_token, body(videoUrl));
    expect(answer.code).toBe(code);
    expect(answer.data?.upload_url).toBeUndefined();
  });
});
