/**
 * Who may see a video: the levels a creator can choose from, and how they exclude branded content.
 *
 * The choice is limited to what creator info offers, is made by hand, and has no default (guidelines, points 2 and 3).
 * Branded content is never private, whichever of the two is chosen first.
 */
import { type Disclosure, isBranded } from "./disclosure.ts";

export const privateLevel = "SELF_ONLY";
export const publicLevel = "PUBLIC_TO_EVERYONE";

export type PrivacyChoice = { level: string; isDisabled: boolean };

export function privacyChoices(
  options: readonly string[],
  disclosure: Disclosure,
): PrivacyChoice[] {
  return options.map((level) => ({
    level,
    isDisabled: level === privateLevel && isBranded(disclosure),
  }));
}

/** Private was chosen first: branded content cannot be ticked until that changes. */
export function isBrandedExcluded(privacyLevel: string | null): boolean {
  return privacyLevel === privateLevel;
}

/** A public account, as its options tell: creator info has no other word for it. */
export function isPublicAccount(options: readonly string[]): boolean {
  return options.includes(publicLevel);
}

/** Until its review TikTok takes nothing of an app but what only the creator sees. */
export function isWithheld(privacyLevel: string | null, isAudited: boolean): boolean {
  return !isAudited && privacyLevel !== null && privacyLevel !== privateLevel;
}
