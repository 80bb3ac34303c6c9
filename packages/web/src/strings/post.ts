/**
 * The words of the post form: choosing a video, who it goes to, what is asked, what is agreed to.
 *
 * Texts that TikTok prescribes (content sharing guidelines:
 * https://developers.tiktok.com/doc/content-sharing-guidelines) are kept to the letter and marked. `{name}` stands for
 * a link or a value that the page fills in.
 */
import { formatClock, formatLimit } from "../model/format.ts";

/** Recorded with each consent: raise it when a text under `post.consent` or `declaration` changes. */
export const consentTextVersion = "2026-01";

export const links = {
  music: "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en",
  branded: "https://www.tiktok.com/legal/page/global/bc-policy/en",
};

export const post = {
  picker: {
    title: "Post a video",
    drop: "Drop a video here",
    or: "or",
    choose: "Choose a file",
    label: "Video file",
    hint: (bytesMax: number) => `MP4, MOV or WebM, up to ${formatLimit(bytesMax)}`,
    replace: "Change video",
    preview: "Preview of your video",
    noPreview: "This browser cannot play the video. TikTok may still accept it.",
  },

  problem: {
    unreadable: "This file cannot be read. Choose it again, or another one.",
    empty: "This file is empty. Choose another one.",
    tooLarge: (bytesMax: number) =>
      `This video is too large: the limit is ${formatLimit(bytesMax)}.`,
    unsupported: "This is not a video TikTok accepts. Use MP4, MOV or WebM.",
    tooLong: (seconds: number) =>
      `This video is too long for this account: TikTok allows at most ${formatClock(seconds * 1000)}.`,
    picture: "Each side of the picture must have between 360 and 4096 pixels.",
  },

  creator: {
    heading: "Posting to",
    account: "Account",
    loading: "Asking TikTok what this account can post…",
    failed: "TikTok could not be asked about this account.",
    refused: "This account cannot post right now. Try again later.",
  },

  post: {
    mode: "How to post",
    direct: "Post directly",
    directHint: "Goes live with the settings below.",
    inbox: "Send as draft",
    inboxHint: "Finish it in the TikTok app.",
    inboxText:
      "The video arrives in your TikTok inbox. Open the notification in the TikTok app to edit it, add a caption and post it.",
    caption: "Caption",
    captionHint: "Hashtags and @mentions work as usual.",
    captionLeft: (used: number, max: number) =>
      `${used.toLocaleString("en")} of ${max.toLocaleString("en")} characters`,
    privacy: "Who can view this video",
    privacyNone: "Choose who can view it",
    /** Prescribed. */
    privateExcluded: "Branded content visibility cannot be set to private.",
    interactions: "Allow users to",
    comment: "Comment",
    duet: "Duet",
    stitch: "Stitch",
    interactionOff: "Turned off in this account’s TikTok settings",
    cover: "Cover frame",
    coverAt: (ms: number) => `Cover at ${formatClock(ms)}`,
    coverFirst: "First frame",
    coverReset: "Use the first frame",
    ai: "AI-generated content",
    aiHint: "Adds TikTok’s label for content that was made or edited with AI.",
    submit: "Post to TikTok",
    submitInbox: "Send draft to TikTok",
    submitting: "Starting…",
    consent:
      "Pressing the button, you agree that ClipCast uploads this video and sends it to {account} on TikTok with these settings.",
    /** Guidelines, point 5. */
    processing:
      "After posting, it may take a few minutes for the video to be processed and visible on the profile.",
    unaudited:
      "This app is still waiting for TikTok’s review. Until then TikTok accepts posts only from private accounts and shows them to nobody but the creator: set the account to private in TikTok and choose “Only me”.",
  },

  privacyLevel: {
    PUBLIC_TO_EVERYONE: "Everyone",
    MUTUAL_FOLLOW_FRIENDS: "Friends (followers you follow back)",
    FOLLOWER_OF_CREATOR: "Followers",
    SELF_ONLY: "Only me",
  } as Record<string, string>,

  disclosure: {
    toggle: "Disclose commercial content",
    toggleHint:
      "Turn on to disclose that this video promotes goods or services in exchange for something of value. It could promote yourself, a third party, or both.",
    yourBrand: "Your brand",
    yourBrandHint: "You are promoting yourself or your own business.",
    branded: "Branded content",
    brandedHint: "You are promoting another brand or a third party.",
    brandedExcluded:
      "Branded content cannot be private. Change who can view the video to tick this.",
    /** Prescribed. */
    promotional: "Your video will be labeled as 'Promotional content'",
    paid: "Your video will be labeled as 'Paid partnership'",
    undecided: "You need to indicate if your content promotes yourself, a third party, or both.",
  },

  declaration: {
    /** Prescribed. */
    music: "By posting, you agree to TikTok's {music}",
    branded: "By posting, you agree to TikTok's {branded} and {music}",
    musicLink: "Music Usage Confirmation",
    brandedLink: "Branded Content Policy",
  },

  gap: {
    privacy: "Choose who can view this video.",
    branded_private: "Branded content visibility cannot be set to private.",
    caption: "The caption is too long.",
    checking: "The video is still being checked.",
  },
};
