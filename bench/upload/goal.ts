/** What our uploads are for: a post that the stage's API accepts. Pages import it, so it imports nothing. */
export const goal = {
  accountId: "-000creator",
  contentType: "video/mp4",
  post: {
    mode: "direct" as const,
    title: "bench",
    privacyLevel: "PUBLIC_TO_EVERYONE" as const,
    allowComment: true,
    allowDuet: false,
    allowStitch: false,
    disclosure: { yourBrand: false, brandedContent: false },
    isAiGenerated: false,
  },
  consent: { agreed: true as const, textVersion: "bench" },
};
