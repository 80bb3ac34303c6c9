/**
 * What a creator chose for a post, and TikTok's rules about it. Pure: no port, no other module of core but errors.
 *
 * The sentences are what creators read. Limits are TikTok's (Content Posting API, direct post reference, and the
 * content sharing guidelines).
 */
import * as z from "zod/mini";
import { VisibleError } from "../errors/index.ts";

/** Caption limit in UTF-16 units, which is what `String.length` counts (direct post reference, `title`). */
export const titleUnitsMax = 2_200;
/** Containers that TikTok takes (media transfer guide, "Media restrictions"). */
export const contentTypes = ["video/mp4", "video/quicktime", "video/webm"] as const;

const directPost = z.strictObject({
  mode: z.literal("direct"),
  /** Caption, at most 2,200 UTF-16 units. */
  title: z.string(),
  privacyLevel: z.string(),
  allowComment: z.boolean(),
  allowDuet: z.boolean(),
  allowStitch: z.boolean(),
  /** Cover frame; TikTok takes the first frame when absent. */
  coverTimestampMs: z.optional(z.int().check(z.minimum(0))),
  /** Commercial content disclosure; both false means none. */
  disclosure: z.strictObject({ yourBrand: z.boolean(), brandedContent: z.boolean() }),
  isAiGenerated: z.boolean(),
});
/** A draft: the creator sets caption and privacy in the TikTok app. */
const inboxPost = z.strictObject({ mode: z.literal("inbox") });

export const postSettings = z.discriminatedUnion("mode", [directPost, inboxPost]);
export type PostSettings = z.infer<typeof postSettings>;
export type DirectPost = z.infer<typeof directPost>;

export interface CreatorLimits {
  privacyOptions: string[];
  isCommentDisabled: boolean;
  isDuetDisabled: boolean;
  isStitchDisabled: boolean;
  maxDurationSec: number;
}

export interface VideoFile {
  bytes: number;
  contentType: string;
  durationMs?: number | undefined;
}

/** Throws a `VisibleError` that says what is wrong with the file. */
export function checkFile(file: VideoFile, limits: { maxFileBytes: number }): void {
  if (file.bytes <= 0) throw rejected("file_empty", "The video file is empty.");
  if (file.bytes > limits.maxFileBytes) {
    throw rejected("file_too_large", `The video is larger than ${limits.maxFileBytes} bytes.`);
  }
  if (!contentTypes.some((type) => type === file.contentType)) {
    throw rejected("file_type_unsupported", "TikTok takes MP4, MOV and WebM videos only.");
  }
}

/** The rules that need no answer from TikTok. */
export function checkPost(post: PostSettings): void {
  if (post.mode === "inbox") return;
  if (post.title.length > titleUnitsMax) {
    throw rejected("title_too_long", `The caption is longer than ${titleUnitsMax} characters.`);
  }
  if (post.disclosure.brandedContent && post.privacyLevel === "SELF_ONLY") {
    throw rejected(
      "branded_content_private",
      "Branded content visibility cannot be set to private.",
    );
  }
}

/** The rules that depend on what TikTok says about the creator now. */
export function checkPostAgainstCreator(
  post: DirectPost,
  file: VideoFile,
  creator: CreatorLimits,
): void {
  if (!creator.privacyOptions.includes(post.privacyLevel)) {
    throw rejected(
      "privacy_not_available",
      "This account cannot post with that visibility. Choose one of the offered options.",
    );
  }
  const forbidden: [boolean, boolean, string][] = [
    [post.allowComment, creator.isCommentDisabled, "comments"],
    [post.allowDuet, creator.isDuetDisabled, "duets"],
    [post.allowStitch, creator.isStitchDisabled, "stitches"],
  ];
  for (const [isWanted, isDisabled, noun] of forbidden) {
    if (isWanted && isDisabled) {
      throw rejected("interaction_disabled", `This account has switched off ${noun} on TikTok.`);
    }
  }
  if (file.durationMs !== undefined && file.durationMs > creator.maxDurationSec * 1000) {
    throw rejected(
      "duration_too_long",
      `This account may post videos of at most ${creator.maxDurationSec} seconds.`,
    );
  }
}

function rejected(code: string, message: string): VisibleError {
  return new VisibleError("rejected", code, message);
}
