import { describe, expect, it } from "vitest";
import {
  checkFile,
  checkPost,
  checkPostAgainstCreator,
  type DirectPost,
  postSettings,
} from "../../src/post/index.ts";

const post: DirectPost = {
  mode: "direct",
  title: "Harbour at dawn #sea",
  privacyLevel: "PUBLIC_TO_EVERYONE",
  allowComment: true,
  allowDuet: true,
  allowStitch: true,
  disclosure: { yourBrand: false, brandedContent: false },
  isAiGenerated: false,
};
const file = { bytes: 1_000, contentType: "video/mp4" };
const creator = {
  privacyOptions: ["PUBLIC_TO_EVERYONE", "SELF_ONLY"],
  isCommentDisabled: false,
  isDuetDisabled: false,
  isStitchDisabled: false,
  maxDurationSec: 600,
};
const limits = { maxFileBytes: 1_000 };

describe("checkFile", () => {
  it.each(["video/mp4", "video/quicktime", "video/webm"])("takes %s up to the limit", (type) => {
    expect(() => checkFile({ bytes: 1, contentType: type }, limits)).not.toThrow();
    expect(() => checkFile({ bytes: 1_000, contentType: type }, limits)).not.toThrow();
  });

  it.each([
    [{ ...file, bytes: 0 }, "file_empty"],
    [{ ...file, bytes: -1 }, "file_empty"],
    [{ ...file, bytes: 1_001 }, "file_too_large"],
    [{ ...file, contentType: "video/x-matroska" }, "file_type_unsupported"],
    [{ ...file, contentType: "VIDEO/MP4" }, "file_type_unsupported"],
  ])("refuses %o with %s", (given, code) => {
    expect(() => checkFile(given, limits)).toThrow(
      expect.objectContaining({ kind: "rejected", code }),
    );
  });
});

describe("checkPost", () => {
  it("counts the caption in UTF-16 units, as TikTok does", () => {
    expect(() => checkPost({ ...post, title: "a".repeat(2_200) })).not.toThrow();
    expect(() => checkPost({ ...post, title: "🌊".repeat(1_100) })).not.toThrow();
    expect(() => checkPost({ ...post, title: "🌊".repeat(1_101) })).toThrow(
      expect.objectContaining({ code: "title_too_long" }),
    );
  });

  it("refuses branded content that only its creator could see, and nothing else about disclosure", () => {
    const branded = { yourBrand: false, brandedContent: true };
    const own = { yourBrand: true, brandedContent: false };
    expect(() => checkPost({ ...post, disclosure: branded })).not.toThrow();
    expect(() => checkPost({ ...post, privacyLevel: "SELF_ONLY", disclosure: own })).not.toThrow();
    expect(() => checkPost({ ...post, privacyLevel: "SELF_ONLY", disclosure: branded })).toThrow(
      expect.objectContaining({ code: "branded_content_private" }),
    );
  });

  it("has nothing to say about a draft", () => {
    expect(() => checkPost({ mode: "inbox" })).not.toThrow();
  });
});

describe("checkPostAgainstCreator", () => {
  it("takes what the creator may choose", () => {
    const longest = { ...file, durationMs: 600_000 };
    expect(() => checkPostAgainstCreator(post, longest, creator)).not.toThrow();
    expect(() => checkPostAgainstCreator(post, file, creator)).not.toThrow();
  });

  it.each(["isCommentDisabled", "isDuetDisabled", "isStitchDisabled"] as const)(
    "refuses an interaction that the creator's account has switched off (%s)",
    (setting) => {
      const noun = { isCommentDisabled: "comments", isDuetDisabled: "duets" };
      expect(() => checkPostAgainstCreator(post, file, { ...creator, [setting]: true })).toThrow(
        expect.objectContaining({ code: "interaction_disabled" }),
      );
      expect(() => checkPostAgainstCreator(post, file, { ...creator, [setting]: true })).toThrow(
        { ...noun, isStitchDisabled: "stitches" }[setting],
      );
      const off = { ...post, allowComment: false, allowDuet: false, allowStitch: false };
      expect(() =>
        checkPostAgainstCreator(off, file, { ...creator, [setting]: true }),
      ).not.toThrow();
    },
  );

  it("refuses a visibility that TikTok does not offer and a video that is too long", () => {
    const hidden = { ...post, privacyLevel: "MUTUAL_FOLLOW_FRIENDS" };
    expect(() => checkPostAgainstCreator(hidden, file, creator)).toThrow(
      expect.objectContaining({ code: "privacy_not_available" }),
    );
    const long = { ...file, durationMs: 600_001 };
    expect(() => checkPostAgainstCreator(post, long, creator)).toThrow(
      expect.objectContaining({ code: "duration_too_long" }),
    );
  });
});

describe("postSettings", () => {
  it("refuses fields that it does not know, so that a typo never posts with a default", () => {
    expect(postSettings.safeParse({ ...post, allowComments: true }).success).toBe(false);
    expect(postSettings.safeParse({ mode: "inbox", title: "a" }).success).toBe(false);
    expect(postSettings.safeParse({ ...post, mode: "draft" }).success).toBe(false);
    expect(postSettings.safeParse({ ...post, coverTimestampMs: -1 }).success).toBe(false);
    expect(postSettings.safeParse({ ...post, coverTimestampMs: 1_500 }).success).toBe(true);
  });

  it("has no default for what the creator must choose by hand", () => {
    const { privacyLevel: _, ...without } = post;
    expect(postSettings.safeParse(without).success).toBe(false);
  });
});
