import { describe, expect, it } from "vitest";
import type { DirectPost } from "../../src/post/index.ts";
import { answering, ok, refusing } from "./http.ts";

const post: DirectPost = {
  mode: "direct",
  title: "Harbour at dawn #sea",
  privacyLevel: "SELF_ONLY",
  allowComment: true,
  allowDuet: false,
  allowStitch: false,
  coverTimestampMs: 1_500,
  disclosure: { yourBrand: true, brandedContent: false },
  isAiGenerated: true,
};
const plan = { chunkBytes: 10_000_000, chunkCount: 15 };
const request = { post, bytes: 157_286_400, plan };
const uploadUrl =
  "https://open-upload.tiktokapis.com/upload/?upload_id=7600000000000000002&upload_token=1111";
const created = ok({ publish_id: "v_pub_file~v2-1.76", upload_url: uploadUrl });
const creator = {
  creator_username: "demo.creator",
  creator_nickname: "Demo Creator",
  privacy_level_options: ["SELF_ONLY"],
  comment_disabled: false,
  duet_disabled: true,
  stitch_disabled: true,
  max_video_post_duration_sec: 600,
};

describe("init", () => {
  it("sends the post with what may be done inverted to what is disabled", async () => {
    const { api, asked } = answering(created);
    expect(await api.init("act.demo", request)).toEqual({
      publishId: "v_pub_file~v2-1.76",
      uploadUrl,
    });
    expect(asked[0]).toMatchObject({
      url: "https://open.tiktokapis.com/v2/post/publish/video/init/",
      method: "POST",
    });
    expect(asked[0]?.headers.get("authorization")).toBe("Bearer act.demo");
    expect(asked[0]?.headers.get("content-type")).toBe("application/json; charset=UTF-8");
    expect(JSON.parse(asked[0]?.body ?? "")).toEqual({
      post_info: {
        title: "Harbour at dawn #sea",
        privacy_level: "SELF_ONLY",
        disable_comment: false,
        disable_duet: true,
        disable_stitch: true,
        video_cover_timestamp_ms: 1_500,
        brand_content_toggle: false,
        brand_organic_toggle: true,
        is_aigc: true,
      },
      source_info: {
        source: "FILE_UPLOAD",
        video_size: 157_286_400,
        chunk_size: 10_000_000,
        total_chunk_count: 15,
      },
    });
  });

  it("takes the first frame as the cover unless told otherwise", async () => {
    const { api, asked } = answering(created);
    const { coverTimestampMs: _, ...plain } = post;
    await api.init("act.demo", { ...request, post: plain });
    expect(JSON.parse(asked[0]?.body ?? "").post_info.video_cover_timestamp_ms).toBe(0);
  });

  it("sends a draft to the inbox endpoint without any post settings", async () => {
    const { api, asked } = answering(created);
    await api.init("act.demo", { ...request, post: { mode: "inbox" } });
    expect(asked[0]?.url).toBe("https://open.tiktokapis.com/v2/post/publish/inbox/video/init/");
    expect(Object.keys(JSON.parse(asked[0]?.body ?? ""))).toEqual(["source_info"]);
  });

  it.each([
    "https://open-upload-va.tiktokapis.com/upload?upload_id=1",
    "https://upload.us.tiktokapis.com/video/?upload_id=1",
  ])("takes the upload URL %s as it is", async (url) => {
    const { api } = answering(ok({ publish_id: "p", upload_url: url }));
    expect((await api.init("act.demo", request)).uploadUrl).toBe(url);
  });

  it.each([
    "http://open-upload.tiktokapis.com/upload/",
    "https://tiktokapis.com/upload/",
    "https://eviltiktokapis.com/upload/",
    "https://open-upload.tiktokapis.com.evil.example/upload/",
    "https://open-upload.tiktokapis.com@evil.example/upload/",
    "ftp://open-upload.tiktokapis.com/upload/",
  ])("sends no byte to %s", async (url) => {
    const { api } = answering(ok({ publish_id: "p", upload_url: url }));
    await expect(api.init("act.demo", request)).rejects.toMatchObject({
      name: "FatalError",
      code: "upload_host_unknown",
    });
  });

  it("demands the very host when the suffix has no dot in front", async () => {
    const local = { apiUrl: "http://127.0.0.1:4000", uploadHostSuffix: "127.0.0.1" };
    const at = (url: string) =>
      answering(ok({ publish_id: "p", upload_url: url }), local).api.init("act", request);
    expect((await at("http://127.0.0.1:4001/upload")).publishId).toBe("p");
    await expect(at("http://10.127.0.0.1.evil.example/")).rejects.toMatchObject({
      code: "upload_host_unknown",
    });
  });

  it("asks again when an ok lacks what was asked for", async () => {
    await expect(answering(ok({})).api.init("act", request)).rejects.toMatchObject({
      code: "tiktok_unavailable",
    });
    const long = ok({ publish_id: "p".repeat(65), upload_url: uploadUrl });
    await expect(answering(long).api.init("act", request)).rejects.toMatchObject({
      code: "tiktok_unavailable",
    });
  });
});

describe("status", () => {
  it("keeps post ids beyond 2^53 to the last digit", async () => {
    const body = `{"data":{"status":"PUBLISH_COMPLETE","publicaly_available_post_id":
      [7600000000000000123, 42, "7600000000000000001"],"uploaded_bytes":157286400},
      "error":{"code":"ok","message":"","log_id":"L"}}`;
    const { api, asked } = answering({ body });
    expect(await api.status("act.demo", "v_pub~1")).toEqual({
      stage: "published",
      failReason: null,
      postIds: ["7600000000000000123", "42", "7600000000000000001"],
      uploadedBytes: 157_286_400,
    });
    expect(asked[0]?.url).toBe("https://open.tiktokapis.com/v2/post/publish/status/fetch/");
    expect(JSON.parse(asked[0]?.body ?? "")).toEqual({ publish_id: "v_pub~1" });
  });

  it.each([
    ["PROCESSING_UPLOAD", "uploading"],
    ["PROCESSING_DOWNLOAD", "uploading"],
    ["SEND_TO_USER_INBOX", "in_inbox"],
    ["PUBLISH_COMPLETE", "published"],
    ["FAILED", "failed"],
    ["A_STATUS_OF_TOMORROW", "uploading"],
  ])("reads %s as %s, whatever is left out", async (status, stage) => {
    const { api } = answering(ok({ status }));
    expect(await api.status("act", "id")).toEqual({
      stage,
      failReason: null,
      postIds: [],
      uploadedBytes: null,
    });
  });

  it("tells why a post failed", async () => {
    const { api } = answering(ok({ status: "FAILED", fail_reason: "spam_risk" }));
    expect((await api.status("act", "id")).failReason).toBe("spam_risk");
  });

  it.each(["invalid_params", "invalid_param", "invalid_publish_id"])(
    "reads %s as an unknown id, which is all that can be wrong with this request",
    async (code) => {
      const { api } = answering(refusing(400, code));
      await expect(api.status("act", "id")).rejects.toMatchObject({
        name: "TikTokRefusal",
        code: "invalid_publish_id",
        httpStatus: 400,
      });
    },
  );
});

describe("creatorInfo", () => {
  it("answers what the form needs, an avatar or not", async () => {
    const { api, asked } = answering(ok({ ...creator, creator_avatar_url: "https://p/a.jpeg" }));
    expect(await api.creatorInfo("act.demo")).toEqual({
      nickname: "Demo Creator",
      username: "demo.creator",
      avatarUrl: "https://p/a.jpeg",
      privacyOptions: ["SELF_ONLY"],
      isCommentDisabled: false,
      isDuetDisabled: true,
      isStitchDisabled: true,
      maxDurationSec: 600,
    });
    expect(asked[0]?.url).toBe("https://open.tiktokapis.com/v2/post/publish/creator_info/query/");
    expect((await answering(ok(creator)).api.creatorInfo("act")).avatarUrl).toBeNull();
  });

  it.each([
    ["spam_risk_too_many_posts", {}],
    ["spam_risk_user_banned_from_posting", { data: creator }],
    ["reached_active_user_cap", { data: null }],
  ])("is refused by %s although the HTTP status is 200", async (code, extra) => {
    const { api } = answering(refusing(200, code, extra));
    await expect(api.creatorInfo("act")).rejects.toMatchObject({
      name: "TikTokRefusal",
      code,
      httpStatus: 200,
    });
  });
});

describe("displayName and cancel", () => {
  it("ask for the fields of the basic scope, commas as they are", async () => {
    const { api, asked } = answering(ok({ user: { display_name: "Demo", open_id: "o" } }));
    expect(await api.displayName("act.demo")).toBe("Demo");
    expect(asked[0]).toMatchObject({
      url: "https://open.tiktokapis.com/v2/user/info/?fields=open_id,display_name",
      method: "GET",
    });
  });

  it("take an ok without data for success, and a refusal for one", async () => {
    const done = answering({ body: { error: { code: "ok", message: "", log_id: "L" } } });
    await done.api.cancel("act.demo", "v_pub~1");
    expect(done.asked[0]?.url).toBe("https://open.tiktokapis.com/v2/post/publish/cancel/");
    expect(JSON.parse(done.asked[0]?.body ?? "")).toEqual({ publish_id: "v_pub~1" });
    const no = answering(refusing(400, "publish_not_cancellable"));
    await expect(no.api.cancel("act", "id")).rejects.toMatchObject({
      code: "publish_not_cancellable",
    });
  });
});

describe("refusals", () => {
  it.each([
    [{ log_id: "A" }, "A"],
    [{ logid: "B" }, "B"],
    [{}, null],
  ])("keep TikTok's log id for support (%o)", async (ids, logId) => {
    const body = { data: {}, error: { code: "access_token_invalid", message: "No.", ...ids } };
    const { api } = answering({ status: 401, body });
    await expect(api.creatorInfo("act")).rejects.toMatchObject({
      code: "access_token_invalid",
      httpStatus: 401,
      logId,
    });
  });

  it.each([
    [429, "30", 30_000],
    [429, undefined, 60_000],
    [429, "Wed, 21 Oct 2026 07:28:00 GMT", 60_000],
    [429, "0", 60_000],
    [429, "86400", 60_000],
    [200, "5", 5_000],
  ])("wait for the rate window (HTTP %i, Retry-After %s)", async (status, after, retryAfterMs) => {
    const headers = after === undefined ? {} : { "retry-after": after };
    const { api } = answering({ ...refusing(status, "rate_limit_exceeded"), headers });
    await expect(api.creatorInfo("act")).rejects.toMatchObject({
      name: "RetryableError",
      code: "rate_limited",
      retryAfterMs,
    });
  });

  it("wait for the rate window too when a gateway says so in its own words", async () => {
    const gateway = { status: 429, body: "<html>slow</html>", headers: { "retry-after": "9" } };
    await expect(answering(gateway).api.creatorInfo("act")).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterMs: 9_000,
    });
  });

  it.each([
    [500, { error: { code: "internal_error", message: "" } }],
    [200, { error: { code: "internal_error", message: "" } }],
    [503, { error: { code: "something_new", message: "" } }],
    [502, "<html>bad gateway</html>"],
    [403, "<html>blocked</html>"],
    [200, ""],
    [200, "null"],
    [200, { data: {} }],
    [200, { data: {}, error: "a string" }],
  ])("are none when HTTP %i brings %o: the call may be repeated", async (status, body) => {
    const { api } = answering({ status, body });
    await expect(api.creatorInfo("act")).rejects.toMatchObject({
      name: "RetryableError",
      code: "tiktok_unavailable",
      retryAfterMs: 2_000,
    });
  });
});
