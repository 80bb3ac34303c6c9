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

/** Nothing was typed and nothing chosen yet, or all of it was taken back. */
export function isUntouched(draft: Draft, account: Pick<AccountView, "canPublish">): boolean {
  const empty = emptyDraft(account);
  const keys = Object.keys(empty) as (keyof Draft)[];
  return keys.every((key) =>
    key === "disclosure" ? !draft.disclosure.isOn : draft[key] === empty[key],
  );
}

/** `options` are creator info's; null while they are not known. */
export function gapOf(draft: Draft, options: readonly string[] | null): Gap | null {
  if (draft.mode === "inbox") return null;
  const { disclosure, privacyLevel } = draft;
  if (isUndecided(disclosure)) return "disclosure";
  if (privacyLevel === null) return "privacy";
  // Fresh creator info may have taken back what was chosen.
  if (options !== null && !options.includes(privacyLevel)) return "privacy";
  if (isBranded(disclosure) && privacyLevel === privateLevel) return "branded_private";
  return draft.caption.length > captionUnitsMax ? "caption" : null;
}

/**
 * A draft with another's settings, on the creator's word "for all videos". The caption and the cover belong to their
 * video, and who can view it is chosen by hand each time (guidelines, point 2); a private video that becomes branded
 * content needs that choice anew.
 */
export function withSettingsOf(source: Draft, draft: Draft): Draft {
  const { caption, coverTimestampMs, privacyLevel } = draft;
  const isLost = privacyLevel === privateLevel && isBranded(source.disclosure);
  return { ...source, caption, coverTimestampMs, privacyLevel: isLost ? null : privacyLevel };
}

/** The draft under another account: nothing chosen for the one may slip into a post of the other. */
export function forAccount(draft: Draft, account: Pick<AccountView, "canPublish">): Draft {
  const { caption, coverTimestampMs } = draft;
  return { ...emptyDraft(account), caption, coverTimestampMs };
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
