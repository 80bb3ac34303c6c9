import { describe, expect, it } from "vitest";
import {
  callApi,
  control,
  fileSource,
  init,
  initBody,
  login,
  paths,
  put,
  start,
  uploadWhole,
} from "./harness.ts";
import { makeVideo } from "./video.ts";

const video = makeVideo();
const whole = `bytes 0-${video.length - 1}/${video.length}`;

async function begin(options: Parameters<typeof start>[0] = {}, creator = "demo.creator") {
  const started = await start(options);
  const { access_token } = await login(started.url, { creator });
  const status = async (publish_id: string) =>
    callApi(started.url, paths.status, access_token, { publish_id });
  return { ...started, access_token, status };
}

describe("a direct post", () => {
  it("stays in processing, completes, and gets its id after moderation", async () => {
    const { url, clock, access_token, status } = await begin();
    const { publishId } = await uploadWhole(url, access_token, video);
    expect((await status(publishId)).data).toEqual({
      status: "PROCESSING_UPLOAD",
      uploaded_bytes: video.length,
    });
    clock.advance(1501);
    expect((await status(publishId)).data).toEqual({
      status: "PUBLISH_COMPLETE",
      uploaded_bytes: video.length,
    });
    clock.advance(1000);
    expect((await status(publishId)).data).toHaveProperty("publicaly_available_post_id");
  });

  it("answers post ids as raw int64 digits that JSON.parse would corrupt", async () => {
    const { url, clock, access_token, status } = await begin();
    const { publishId } = await uploadWhole(url, access_token, video);
    clock.advance(10_000);
    const { text, data } = await status(publishId);
    const digits = /"publicaly_available_post_id":\[(\d{19})\]/.exec(text)?.[1] ?? "";
    const { body } = await control(url, "/posts");
    expect(body.posts[0].postId).toBe(digits);
    expect(BigInt(digits) < 2n ** 63n).toBe(true);
    expect(data?.publicaly_available_post_id).not.toEqual([digits]);
    expect(String(Number(digits))).not.toBe(digits);
  });

  it("gets no id when it is not public, nor while moderation never ends", async () => {
    const { url, clock, access_token, status, sandbox } = await begin();
    const own = await uploadWhole(url, access_token, video, { privacy_level: "SELF_ONLY" });
    clock.advance(10_000);
    sandbox.setKnobs({ moderationMs: null });
    const late = await uploadWhole(url, access_token, video);
    clock.advance(86_000_000);
    for (const { publishId } of [own, late]) {
      const { data } = await status(publishId);
      expect(data).toMatchObject({ status: "PUBLISH_COMPLETE" });
      expect(data).not.toHaveProperty("publicaly_available_post_id");
    }
  });

  it("is reported by the control API with digest, size and a playable address", async () => {
    const { url, clock, access_token } = await begin();
    const { publishId } = await uploadWhole(url, access_token, video);
    clock.advance(10_000);
    const { body } = await control(url, "/posts");
    expect(body.posts).toMatchObject([
      { publishId, creator: "demo.creator", bytes: video.length, visibility: "public" },
    ]);
    const page = await fetch(body.posts[0].url);
    expect(await page.text()).toContain(body.posts[0].sha256);
    const media = await fetch(body.posts[0].videoUrl);
    expect(media.headers.get("content-type")).toBe("video/mp4");
    expect(Buffer.from(await media.arrayBuffer()).equals(video)).toBe(true);
  });
});

describe("processing fails", () => {
  it.each([
    ["file_format_check_failed", Buffer.alloc(1000, 1), {}, "demo.creator"],
    ["duration_check_failed", makeVideo({ seconds: 6 }), {}, "short.creator"],
    ["picture_size_check_failed", makeVideo({ width: 320 }), {}, "demo.creator"],
    ["frame_rate_check_failed", makeVideo({ framesPerSec: 12 }), {}, "demo.creator"],
    ["spam_risk_text", video, { title: "x #sandbox_fail_spam_risk_text" }, "demo.creator"],
  ])("with %s", async (reason, file, post, creator) => {
    const { url, clock, access_token, status } = await begin({}, creator);
    const { publishId } = await uploadWhole(url, access_token, file, post);
    expect((await status(publishId)).data?.status).toBe("PROCESSING_UPLOAD");
    clock.advance(2000);
    expect((await status(publishId)).data).toMatchObject({ status: "FAILED", fail_reason: reason });
    expect((await control(url, "/posts")).body.posts).toEqual([]);
  });

  it("when the daily cap was reached while the bytes were on their way", async () => {
    const { url, clock, access_token, status } = await begin();
    const { publishId } = await uploadWhole(url, access_token, video);
    const full = { username: "demo.creator", postsElsewhereCount: 15 };
    expect((await control(url, "/creators", "POST", full)).status).toBe(200);
    clock.advance(2000);
    expect((await status(publishId)).data?.fail_reason).toBe("spam_risk_too_many_posts");
  });

  it("when the upload is not finished within the hour", async () => {
    const { url, clock, access_token, status } = await begin();
    const { publishId } = await init(url, access_token, initBody(9));
    clock.advance(3_600_000);
    expect((await status(publishId)).data).toMatchObject({
      status: "FAILED",
      fail_reason: "internal",
    });
  });
});

describe("a draft", () => {
  it("waits in the inbox until its creator posts it, once or more often", async () => {
    const { url, clock, access_token, status } = await begin();
    const body = { source_info: fileSource(video.length) };
    const { publishId, uploadUrl } = await init(url, access_token, body, paths.inboxInit);
    await put(uploadUrl, video, whole);
    expect((await control(url, `/tasks/${publishId}/deliver`, "POST", {})).status).toBe(400);
    clock.advance(2000);
    expect((await status(publishId)).data?.status).toBe("SEND_TO_USER_INBOX");
    const posted = await control(url, `/tasks/${publishId}/deliver`, "POST", { title: "Mine" });
    expect(posted.body).toMatchObject({ publishId, status: "PUBLISH_COMPLETE" });
    await control(url, `/tasks/${publishId}/deliver`, "POST");
    clock.advance(1000);
    const { text } = await status(publishId);
    expect(text).toMatch(/"publicaly_available_post_id":\[\d{19},\d{19}\]/);
  });
});

describe("status", () => {
  it("knows no unknown id, and tells nothing about another creator's", async () => {
    const { url, access_token, status } = await begin();
    expect(await status("v_pub_file~v2-1.1")).toMatchObject({
      status: 400,
      code: "invalid_publish_id",
    });
    const { publishId } = await init(url, access_token, initBody(9));
    const other = await login(url, { creator: "quiet.creator" });
    const answer = await callApi(url, paths.status, other.access_token, { publish_id: publishId });
    expect(answer).toMatchObject({
      status: 400,
      code: "token_not_authorized_for_specified_publish_id",
    });
  });

  it("by knob knows an id only after a while, and forgets it later", async () => {
    const { url, clock, access_token, status } = await begin({
      knobs: { publishIdHiddenMs: 500, publishIdRetentionMs: 5000 },
    });
    const { publishId } = await init(url, access_token, initBody(9));
    expect((await status(publishId)).code).toBe("invalid_publish_id");
    clock.advance(500);
    expect((await status(publishId)).code).toBe("ok");
    clock.advance(5000);
    expect((await status(publishId)).code).toBe("invalid_publish_id");
  });
});

describe("cancel", () => {
  const pull = {
    ...initBody(9),
    source_info: { source: "PULL_FROM_URL", video_url: "https://m.example.com/x.mp4" },
  };
  const knobs = { verifiedDomains: ["m.example.com"] };
  const cancel = (url: string, token: string, publish_id: unknown) =>
    callApi(url, paths.cancel, token, { publish_id });

  it("ends an ongoing download, once", async () => {
    const { url, access_token, status } = await begin({ knobs });
    const { data } = await callApi(url, paths.init, access_token, pull);
    const publishId = String(data?.publish_id);
    expect((await status(publishId)).data?.status).toBe("PROCESSING_DOWNLOAD");
    expect(await cancel(url, access_token, publishId)).toMatchObject({ status: 200, code: "ok" });
    expect((await status(publishId)).data).toMatchObject({
      status: "FAILED",
      fail_reason: "publish_cancelled",
    });
    expect((await cancel(url, access_token, publishId)).code).toBe("publish_not_cancellable");
  });

  it("left alone, a download fails", async () => {
    const { url, clock, access_token, status } = await begin({ knobs });
    const { data } = await callApi(url, paths.init, access_token, pull);
    clock.advance(3000);
    const after = await status(String(data?.publish_id));
    expect(after.data).toMatchObject({ status: "FAILED", fail_reason: "video_pull_failed" });
  });

  it("of a file upload is a knob", async () => {
    const { url, access_token, sandbox } = await begin();
    const { publishId } = await init(url, access_token, initBody(9));
    expect((await cancel(url, access_token, publishId)).code).toBe("publish_not_cancellable");
    sandbox.setKnobs({ cancelFileUpload: "accept" });
    expect((await cancel(url, access_token, publishId)).code).toBe("ok");
  });
});

describe("a creator who disconnects", () => {
  it("ends tokens and running tasks; a new login sees why", async () => {
    const { url, access_token, status } = await begin();
    const { publishId } = await init(url, access_token, initBody(9));
    const gone = await control(url, "/disconnect", "POST", { creator: "demo.creator" });
    expect(gone.body.disconnected).toHaveLength(1);
    expect(await status(publishId)).toMatchObject({ status: 401, code: "access_token_invalid" });
    const back = await login(url);
    const after = await callApi(url, paths.status, back.access_token, { publish_id: publishId });
    expect(after.data).toMatchObject({ status: "FAILED", fail_reason: "auth_removed" });
  });
});
