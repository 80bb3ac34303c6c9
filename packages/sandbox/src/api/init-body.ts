// The body of the two video inits (fact sheet §4.1, §4.2, §5): what is malformed is refused here with 400.
// What depends on the creator or the app (caps, audit, options, ownership) is init.ts's matter.

import { z } from "zod";
import type { Knobs } from "../knobs.ts";
import { type Refusal, refuse } from "../refusal.ts";
import { type PostInfo, privacyLevelSchema } from "../state.ts";
import { judgeSourceSizes } from "../uploads/chunk-rules.ts";

export type Source =
  | { source: "FILE_UPLOAD"; videoBytes: number; chunkBytes: number; chunkCount: number }
  | { source: "PULL_FROM_URL"; videoUrl: string };

export type InitBody = { post: PostInfo | null; source: Source };

const titleUnitsMax = 2200;
const emptyPostInfo = "The request post info is empty or incorrect";
const emptySource = "The request source info is empty or incorrect";

const flag = z.boolean().optional();
const postSchema = z.object({
  privacy_level: z.unknown(),
  title: z.string().default(""),
  disable_duet: flag,
  disable_stitch: flag,
  disable_comment: flag,
  brand_content_toggle: flag,
  brand_organic_toggle: flag,
  is_aigc: flag,
});

const positive = z.int().min(1);
const sourceSchema = z.discriminatedUnion("source", [
  z.object({
    source: z.literal("FILE_UPLOAD"),
    video_size: positive,
    chunk_size: positive,
    total_chunk_count: positive,
  }),
  z.object({ source: z.literal("PULL_FROM_URL"), video_url: z.string().min(1).max(4096) }),
]);

export function parseInit(text: string, kind: "direct" | "inbox", knobs: Knobs): InitBody {
  const body = z.record(z.string(), z.unknown()).safeParse(parseJson(text));
  if (!body.success) throw invalid("The request body is malformed", "§4 a JSON object is expected");
  const { post_info, source_info } = body.data;
  if (kind === "inbox" && post_info !== undefined && knobs.inboxPostInfo === "refuse") {
    throw invalid("post_info is not accepted here", "§5 the body is source_info only");
  }
  const post = kind === "direct" ? parsePost(post_info, knobs) : null;
  return { post, source: parseSource(source_info, knobs) };
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function parsePost(value: unknown, knobs: Knobs): PostInfo {
  const info = postSchema.safeParse(value);
  if (!info.success) throw invalid(emptyPostInfo, `§4.1 post_info: ${firstIssue(info.error)}`);
  const { data } = info;
  if (data.title.length > titleUnitsMax) {
    throw invalid(emptyPostInfo, `§4.1 title over ${titleUnitsMax} UTF-16 units`);
  }
  const level = data.privacy_level ?? "";
  const privacy = privacyLevelSchema.safeParse(level);
  if (!privacy.success) {
    if (level === "" && knobs.missingPrivacyStatus === 403) {
      throw refuse("privacy_level_option_mismatch", "§4.4 privacy_level is missing");
    }
    throw invalid(emptyPostInfo, "§4.4 privacy_level is missing or unknown");
  }
  const hasToggles =
    data.brand_content_toggle !== undefined && data.brand_organic_toggle !== undefined;
  if (knobs.brandTogglesRequired && !hasToggles) {
    throw invalid(emptyPostInfo, "§4.1 both brand toggles are required");
  }
  if (data.brand_content_toggle === true && privacy.data === "SELF_ONLY") {
    if (knobs.brandedPrivate === "refuse") {
      throw invalid(emptyPostInfo, "§4.4 branded content cannot be SELF_ONLY");
    }
  }
  return {
    title: data.title,
    privacyLevel: privacy.data,
    isDuetOff: data.disable_duet ?? false,
    isStitchOff: data.disable_stitch ?? false,
    isCommentOff: data.disable_comment ?? false,
    isBranded: data.brand_content_toggle ?? false,
    isOwnBrand: data.brand_organic_toggle ?? false,
    isAigc: data.is_aigc ?? false,
  };
}

function parseSource(value: unknown, knobs: Knobs): Source {
  const info = sourceSchema.safeParse(value);
  if (!info.success) throw invalid(emptySource, `§4.2 source_info: ${firstIssue(info.error)}`);
  if (info.data.source === "PULL_FROM_URL") {
    return { source: "PULL_FROM_URL", videoUrl: info.data.video_url };
  }
  const sizes = {
    videoBytes: info.data.video_size,
    chunkBytes: info.data.chunk_size,
    chunkCount: info.data.total_chunk_count,
  };
  if (knobs.maxVideoBytes !== null && sizes.videoBytes > knobs.maxVideoBytes) {
    throw invalid("The video size is invalid", `§7.6 video_size over ${knobs.maxVideoBytes} bytes`);
  }
  const fault = judgeSourceSizes(sizes, knobs.mbReading);
  if (fault !== null) throw invalid(fault.message, fault.rule);
  return { source: "FILE_UPLOAD", ...sizes };
}

function invalid(message: string, rule: string): Refusal {
  return refuse("invalid_params", rule, { message });
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue === undefined ? "malformed" : `${issue.path.join(".")} ${issue.message}`.trim();
}
