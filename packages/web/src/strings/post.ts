/**
 * The words of the post form: choosing a video, who it goes to, what is asked, what is agreed to.
 *
 * Texts that TikTok prescribes (content sharing guidelines:
 * https://developers.tiktok.com/doc/content-sharing-guidelines) are kept to the letter and marked. `{name}` stands for
 * a link or a value that the page fills in.
 */

import { formatBytes, formatClock, formatLimit, formatRate } from "../model/format.ts";
import {
  framesPerSecondMax,
  framesPerSecondMin,
  sidePixelsMax,
  sidePixelsMin,
} from "../model/video.ts";

/** Recorded with each consent: raise it when a text under `post.consent` or `declaration` changes. */
export const consentTextVersion = "2026-01";

export const links = {
  music: "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en",
  branded: "https://www.tiktok.com/legal/page/global/bc-policy/en",
};

export const post = {
  picker: {
    title: "Post a video",
    drop: "Drop videos anywhere on this page",
    dropNow: "Drop to add",
    or: "or paste them, or",
    choose: "Choose files",
    add: "Add videos",
    label: "Video file",
    hint: (bytesMax: number) => `MP4, MOV or WebM, up to ${formatLimit(bytesMax)} each`,
    leftOut: (count: number, max: number) =>
      `${count} more ${count === 1 ? "video was" : "videos were"} left out: post some of these ${max} first.`,
    formFailed: "The form could not be loaded. Check your connection.",
    remove: "Remove",
    removeNamed: (name: string) => `Remove ${name}`,
    preview: "Preview of your video",
    removeUnfit: "Remove this file",
    noVideo: "There is nothing to play.",
    noPreview: "This browser cannot play the video. TikTok may still accept it.",
  },

  tray: {
    title: "Chosen videos",
    position: (number: number, count: number, name: string) =>
      `Video ${number} of ${count}: ${name}`,
    state: {
      checking: "Checking…",
      unfit: "Cannot be posted",
      open: "To fill in",
      ready: "Ready to post",
      starting: "Starting…",
      refused: "Not accepted",
    },
    useForAll: (count: number) => `Use these settings for all ${count} videos`,
    useForAllHint:
      "Each video keeps its own caption and cover. Who can view it is chosen for each one.",
    usedForAll: (count: number) =>
      `All ${count} videos have these settings now. Choose who can view each one.`,
  },

  problem: {
    unreadable: "This file cannot be read. It may have been moved. Remove it and choose it again.",
    empty: "This file is empty. Choose another one.",
    tooLarge: (bytes: number, bytesMax: number) =>
      `This video has ${formatBytes(bytes)}; the limit is ${formatLimit(bytesMax)}. Export it with a lower bit rate.`,
    unsupported:
      "This is not a video TikTok accepts, whatever its name says. Use MP4, MOV or WebM.",
    tooLong: (ms: number, msMax: number) =>
      `This video runs ${formatClock(ms)}; TikTok allows this account at most ${formatClock(msMax)}. Shorten it.`,
    picture: (width: number, height: number) =>
      `This picture has ${width} × ${height} pixels; TikTok takes ${sidePixelsMin} to ${sidePixelsMax} on each side.`,
    frameRate: (framesPerSecond: number) =>
      `This video has ${formatRate(framesPerSecond)}; TikTok takes ${framesPerSecondMin} to ${framesPerSecondMax}. Export it with another frame rate.`,
  },

  creator: {
    heading: "Posting to",
    account: "Account",
    isPrivate: "Private account",
    unusable: (name: string) => `${name} (must be connected again)`,
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
    privacyWithheld: "TikTok will refuse this until it has reviewed the app: choose “Only me”.",
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
    coverCurrent: "Use the frame in the preview",
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
  },

  review: {
    unaudited:
      "This app is still waiting for TikTok’s review. Until then TikTok takes only posts that nobody but the creator can see, and only from private accounts.",
    privateAccount: "Choose “Only me”.",
    publicAccount:
      "This account is public: TikTok would refuse the video after the upload. Set the account to private in the TikTok app first.",
    checkAgain: "Check again",
  },

  privacyLevel: {
    PUBLIC_TO_EVERYONE: "Everyone",
    MUTUAL_FOLLOW_FRIENDS: "Friends (followers you follow back)",
    FOLLOWER_OF_CREATOR: "Followers",
    SELF_ONLY: "Only me",
  } as Record<string, string>,

  /** Where there is room for one word. */
  privacyShort: {
    PUBLIC_TO_EVERYONE: "Everyone",
    MUTUAL_FOLLOW_FRIENDS: "Friends",
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
