/** A post for everyone, as the headless creators of this machine make it. */
import type { PostSettings } from "@clipcast/client";

export function publicPost(title: string): PostSettings {
  return {
    mode: "direct",
    title,
    privacyLevel: "PUBLIC_TO_EVERYONE",
    allowComment: true,
    allowDuet: false,
    allowStitch: false,
    disclosure: { yourBrand: false, brandedContent: false },
    isAiGenerated: false,
  };
}
