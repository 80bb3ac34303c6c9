/** upload-init: what a video and a post must be, and what a begun upload answers. */
import { RetryableError } from "@clipcast/core/errors";
import { describe, expect, it } from "vitest";
import { initResponse, signBatchMax } from "../../src/contract.ts";
import { type Browser, expectProblem, read } from "../browser.ts";
import { beginUpload, connected, initBody, openId, twoParts } from "../creator.ts";
import { createHarness, snapshot, unchanged } from "../harness.ts";

const valid = initBody(1_000);
const mebibyte = 1024 * 1024;

const init = (browser: Browser, body: unknown, key?: string) =>
  browser.post("/api/tiktok/upload-init", body, key ? { headers: { "idempotency-key": key } } : {});

const withFile = (change: object) => ({ ...valid, file: { ...valid.file, ...change } });
const withPost = (change: object) => ({ ...valid, post: { ...valid.post, ...change } });

describe("a begun upload", () => {
  it("answers the plan and the first signed parts", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    const { publication, upload } = await beginUpload(browser, twoParts);

    expect(publication).toMatchObject({
      accountId: openId,
      status: "uploading",
      isSettled: false,
      file: { name: "harbour.mp4", bytes: 9 * mebibyte, contentType: "video/mp4" },
      progress: { storedBytes: 0, relayedBytes: 0, totalBytes: 9 * mebibyte },
    });
    expect(upload).toMatchObject({ partBytes: 8 * mebibyte, partCount: 2 });
    expect(upload.parts).toMatchObject([
      { partNumber: 1, firstByte: 0, bytes: 8 * mebibyte },
      { partNumber: 2, firstByte: 8 * mebibyte, bytes: mebibyte },
    ]);
    expect(upload.parts[0]?.expiresAtMs).toBe(harness.clock.nowMs() + 900_000);
  });

  it("takes the cut that suits the client, and signs at most a batch of it", async () => {
    const browser = await connected(createHarness());
    const crc32s = Array.from({ length: signBatchMax }, () => "AAAAAA==");
    const body = { ...initBody(4_294_967_296), plan: { partBytes: 20 * mebibyte, crc32s } };
    const { upload } = read(await init(browser, body), initResponse);
    expect(upload).toMatchObject({ partBytes: 20 * mebibyte, partCount: 205 });
    expect(upload.parts).toHaveLength(signBatchMax);
    expect(upload.parts[0]?.headers).toEqual({ "x-amz-checksum-crc32": "AAAAAA==" });

    const tooMany = { ...body.plan, crc32s: [...crc32s, "AAAAAA=="] };
    expectProblem(await init(browser, { ...body, plan: tooMany }), 400, "invalid_request");
  });

  it("signs nothing for a cut that it does not take, or for none", async () => {
    const browser = await connected(createHarness());
    const body = initBody(4_294_967_296);
    const plan = { partBytes: 2_000 * mebibyte, crc32s: ["AAAAAA=="] };
    const { upload } = read(await init(browser, { ...body, plan }), initResponse);
    expect(upload).toMatchObject({ partBytes: 64 * mebibyte, parts: [] });
    const usual = read(await init(browser, body), initResponse);
    expect(usual.upload).toMatchObject({ partCount: 512, parts: [] });
  });

  it("signs the same parts again when a repeat proposes them, and none of another cut", async () => {
    const browser = await connected(createHarness());
    const plan = { partBytes: 8 * mebibyte, crc32s: ["AAAAAA==", "AAAAAA=="] };
    const body = { ...initBody(9 * mebibyte), plan };
    const first = read(await init(browser, body, "key-1"), initResponse);
    const repeat = read(await init(browser, body, "key-1"), initResponse);
    expect(repeat).toEqual(first);
    const other = { ...body, plan: { ...plan, partBytes: 5 * mebibyte } };
    const recut = read(await init(browser, other, "key-1"), initResponse);
    expect(recut.upload).toEqual({ partBytes: 8 * mebibyte, partCount: 2, parts: [] });
  });

  it("takes a draft without asking for creator info", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    harness.tiktok.refuseNext("creatorInfo", "spam_risk_too_many_posts");
    const { publication } = read(
      await init(browser, { ...valid, post: { mode: "inbox" } }),
      initResponse,
    );
    expect(publication.post).toEqual({ mode: "inbox" });
  });

  it("records the consent with its text and time", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    await init(browser, valid);
    const consents = harness.deps.table
      .rows()
      .flatMap(({ data }) => (data && typeof data === "object" ? Object.entries(data) : []))
      .filter(([name]) => name === "consent");
    expect(consents).toEqual([
      ["consent", { atMs: harness.clock.nowMs(), textVersion: "2026-11" }],
    ]);
  });
});

describe("upload-init refuses", () => {
  const rejected = [
    { name: "a file of 0 bytes", body: withFile({ bytes: 0 }), code: "file_empty" },
    { name: "a file of -1 bytes", body: withFile({ bytes: -1 }), code: "file_empty" },
    {
      name: "a file above the limit",
      body: withFile({ bytes: 4_294_967_297 }),
      code: "file_too_large",
    },
    ...["", "text/html", "VIDEO/MP4", "video/mp4; codecs=avc1", "video/x-matroska"].map((type) => ({
      name: `the MIME type "${type}"`,
      body: withFile({ contentType: type }),
      code: "file_type_unsupported",
    })),
    {
      name: "a title over 2,200 units",
      body: withPost({ title: "a".repeat(2_201) }),
      code: "title_too_long",
    },
    {
      name: "a title whose surrogate pairs count two",
      body: withPost({ title: "🎬".repeat(1_101) }),
      code: "title_too_long",
    },
    {
      name: "a privacy level that is not among the options",
      body: withPost({ privacyLevel: "FOLLOWER_OF_CREATOR" }),
      code: "privacy_not_available",
    },
    {
      name: "no privacy level at all",
      body: withPost({ privacyLevel: "" }),
      code: "privacy_not_available",
    },
    {
      name: "branded content that only its creator sees",
      body: withPost({
        privacyLevel: "SELF_ONLY",
        disclosure: { yourBrand: false, brandedContent: true },
      }),
      code: "branded_content_private",
    },
    {
      name: "a video longer than the creator may post",
      body: withFile({ durationMs: 600_001 }),
      code: "duration_too_long",
    },
  ];
  it.each(rejected)("$name", async ({ body, code }) => {
    const harness = createHarness();
    const browser = await connected(harness);
    const answer = await unchanged(harness, () => init(browser, body, "key-1"));
    expectProblem(answer, 422, code);
  });

  it.each([
    ["allowComment", "isCommentDisabled"],
    ["allowDuet", "isDuetDisabled"],
    ["allowStitch", "isStitchDisabled"],
  ] as const)("%s when the creator has switched it off", async (wish, ban) => {
    const harness = createHarness();
    const browser = await connected(harness);
    harness.tiktok.creator[ban] = true;
    const off = { allowComment: false, allowDuet: false, allowStitch: false };
    const answer = await unchanged(harness, () =>
      init(browser, withPost({ ...off, [wish]: true })),
    );
    expectProblem(answer, 422, "interaction_disabled");
    expect((await init(browser, withPost(off))).status).toBe(201);
  });

  const misshapen = [
    { name: "no consent", body: { ...valid, consent: undefined }, path: "consent" },
    {
      name: "consent that was not given",
      body: { ...valid, consent: { agreed: false, textVersion: "2026-11" } },
      path: "consent.agreed",
    },
    {
      name: "consent to no text",
      body: { ...valid, consent: { agreed: true, textVersion: "" } },
      path: "consent.textVersion",
    },
    { name: "half a byte", body: withFile({ bytes: 0.5 }), path: "file.bytes" },
    { name: "bytes as text", body: withFile({ bytes: "1000" }), path: "file.bytes" },
    {
      name: "more bytes than can be counted",
      body: withFile({ bytes: 2 ** 53 }),
      path: "file.bytes",
    },
    { name: "a file without a name", body: withFile({ name: "" }), path: "file.name" },
    { name: "an unknown field of the file", body: withFile({ key: "../../etc" }), path: "file" },
    { name: "an unknown field of the post", body: withPost({ publishAt: 1 }), path: "post" },
    { name: "an unknown mode", body: withPost({ mode: "story" }), path: "post.mode" },
    {
      name: "a draft with a caption",
      body: { ...valid, post: { mode: "inbox", title: "x" } },
      path: "post",
    },
  ];
  it.each(misshapen)("$name", async ({ body, path }) => {
    const harness = createHarness();
    const browser = await connected(harness);
    const answer = await unchanged(harness, () => init(browser, body));
    const { errors } = expectProblem(answer, 400, "invalid_request");
    expect(errors?.map((error) => error.path)).toContain(path);
  });

  it("an account that must be connected again", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    harness.tiktok.expireTokens();
    harness.tiktok.refuseNext("refresh", "invalid_grant");
    expectProblem(await init(browser, valid), 409, "reconnect_required");
    const draft = { ...valid, post: { mode: "inbox" } };
    for (const body of [valid, draft]) {
      const answer = await unchanged(harness, () => init(browser, body));
      expectProblem(answer, 409, "reconnect_required");
    }
  });

  it("a creator who has reached TikTok's daily limit", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    harness.tiktok.refuseNext("creatorInfo", "spam_risk_too_many_posts");
    const answer = await unchanged(harness, () => init(browser, valid));
    expectProblem(answer, 409, "creator_cannot_post");
  });
});

it("takes what lies exactly at the limits", async () => {
  const browser = await connected(createHarness({ maxFileBytes: 5_000 }));
  const bodies = [
    withFile({ bytes: 5_000, durationMs: 600_000 }),
    withFile({ bytes: 1 }),
    withPost({ title: "a".repeat(2_200) }),
    withPost({ title: "🎬".repeat(1_100) }),
    withPost({ title: "" }),
    withPost({ privacyLevel: "SELF_ONLY" }),
    withFile({ contentType: "video/quicktime" }),
    withFile({ contentType: "video/webm" }),
  ];
  for (const body of bodies) expect((await init(browser, body)).status).toBe(201);
  expectProblem(await init(browser, withFile({ bytes: 5_001 })), 422, "file_too_large");
});

it("changes nothing while TikTok is silent, and says when to come back", async () => {
  const harness = createHarness();
  const browser = await connected(harness);
  const before = await snapshot(harness);
  const error = new RetryableError("tiktok_unavailable", "no answer", { retryAfterMs: 2_000 });
  harness.deps.tiktok.creatorInfo = () => Promise.reject(error);
  const answer = await init(browser, valid, "key-1");
  expect(expectProblem(answer, 503, "tiktok_unavailable").retryAfterMs).toBe(2_000);
  expect(await snapshot(harness)).toEqual(before);
});
