/**
 * The rules of commercial content disclosure (TikTok's content sharing guidelines, point 3): what is labelled, what is
 * declared, and when a choice is missing.
 */
export type Disclosure = {
  /** The toggle; off means the two below do not count. */
  isOn: boolean;
  yourBrand: boolean;
  brandedContent: boolean;
};

export const noDisclosure: Disclosure = { isOn: false, yourBrand: false, brandedContent: false };

/** How TikTok will label the video; null until a choice was made, since prompts must not show before. */
export function labelOf(disclosure: Disclosure): "promotional" | "paid" | null {
  if (!disclosure.isOn) return null;
  if (disclosure.brandedContent) return "paid";
  return disclosure.yourBrand ? "promotional" : null;
}

/** Which declaration stands above the button. */
export function declarationOf(disclosure: Disclosure): "music" | "branded" {
  return isBranded(disclosure) ? "branded" : "music";
}

/** Switched on, and nothing said yet: posting must not be possible. */
export function isUndecided(disclosure: Disclosure): boolean {
  return disclosure.isOn && labelOf(disclosure) === null;
}

export function isBranded(disclosure: Disclosure): boolean {
  return disclosure.isOn && disclosure.brandedContent;
}
