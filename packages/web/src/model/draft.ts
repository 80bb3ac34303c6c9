/**
 * The post as the creator fills it in: where it starts, what is still missing, and what is sent.
 *
 * Nothing is chosen beforehand: no privacy, no interaction, no disclosure (guidelines, points 2 and 3).
 */
import type { AccountView, CreatorInfoResponse, PostSettings } from "@clipcast/client";
import { type Disclosure, isBranded, isUndecided, noDisclosure } from "./disclosure.ts";
import { privateLevel } from "./privacy.ts";

/** TikTok counts UTF-16 units, as `length` does. */
export const captionUnitsMax = 2200;

export type Draft = {
  mode: "direct" | "inbox";
  caption: string;
  /** Null until chosen by hand. */
  privacyLevel: string | null;
  allowComment: boolean;
  allowDuet: boolean;
  allowStitch: boolean;
  disclosure: Disclosure;
  isAiGenerated: boolean;
  /** Null means TikTok's own choice, the first frame. */
  coverTimestampMs: number | null;
};

/** Why the post cannot be sent yet, most important first. */
export type Gap = "disclosure" | "privacy" | "branded_private" | "caption";

export function emptyDraft(account: Pick<AccountView, "canPublish">): Draft {
  return {
    mode: account.canPublish ? "direct" : "inbox",
    caption: "",
    privacyLevel: null,
    allowComment: false,
    allowDuet: false,
    allowStitch: false,
    disclosure: noDisclosure,
    isAiGenerated: false,
    coverTimestampMs: null,
  };
}

export function gapOf(draft: Draft, options: readonly string[]): Gap | null {
  if (draft.mode === "inbox") return null;
  const { disclosure, privacyLevel } = draft;
  if (isUndecided(disclosure)) return "disclosure";
  // Fresh creator info may have taken back what was chosen.
  if (privacyLevel === null || !options.includes(privacyLevel)) return "privacy";
  if (isBranded(disclosure) && privacyLevel === privateLevel) return "branded_private";
  return draft.caption.length > captionUnitsMax ? "caption" : null;
}

/** What is sent. Interactions that the creator's own settings forbid are off, whatever was ticked before. */
export function settingsOf(draft: Draft, creator: CreatorInfoResponse): PostSettings {
  if (draft.mode === "inbox") return { mode: "inbox" };
  const { isOn, yourBrand, brandedContent } = draft.disclosure;
  const { coverTimestampMs } = draft;
  return {
    mode: "direct",
    title: draft.caption,
    privacyLevel: draft.privacyLevel ?? "",
    allowComment: draft.allowComment && !creator.isCommentDisabled,
    allowDuet: draft.allowDuet && !creator.isDuetDisabled,
    allowStitch: draft.allowStitch && !creator.isStitchDisabled,
    ...(coverTimestampMs === null ? {} : { coverTimestampMs }),
    disclosure: { yourBrand: isOn && yourBrand, brandedContent: isOn && brandedContent },
    isAiGenerated: draft.isAiGenerated,
  };
}
