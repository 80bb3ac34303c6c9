/**
 * Every word on the page, in one place, ready for translation.
 *
 * Texts that TikTok prescribes (content sharing guidelines:
 * https://developers.tiktok.com/doc/content-sharing-guidelines) are kept to the letter and marked. `{name}` stands for
 * a link or a value that the page fills in.
 */
import { formatClock, formatLimit } from "./model/format.ts";

/** Recorded with each consent: raise it when a text under `post.consent` or `declaration` changes. */
export const consentTextVersion = "2026-01";

export const links = {
  music: "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en",
  branded: "https://www.tiktok.com/legal/page/global/bc-policy/en",
};

export const strings = {
  product: "ClipCast Publish",
  loading: "Loading…",
  tryAgain: "Try again",
  dismiss: "Dismiss",
  unreachable: "The server cannot be reached. Check your connection and try again.",
  offline: "You are offline. Uploads go on by themselves when the connection is back.",

  welcome: {
    title: "Big videos to TikTok, without the wait.",
    lead: "Upload once, at the full speed of your line. Close the tab when it is done: sending it on to TikTok is our part.",
    connect: "Connect TikTok account",
    promise:
      "You choose what is posted and who sees it. Nothing reaches TikTok before you press Post.",
    steps: [
      { title: "Connect", text: "Sign in at TikTok. Your password stays there." },
      {
        title: "Upload",
        text: "Gigabytes, in parallel, safe against a bad connection or a reload.",
      },
      {
        title: "Close the tab",
        text: "We deliver the video. Come back any time to see how it went.",
      },
    ],
    expired: "Your session has ended. Connect again to go on; unfinished uploads are kept.",
  },

  accounts: {
    menu: "Accounts",
    add: "Connect another account",
    reconnect: "Reconnect",
    disconnect: "Disconnect",
    needsReconnect: "Must be connected again",
    signOut: "Sign out",
    disconnectTitle: (name: string) => `Disconnect ${name}?`,
    disconnectText: "ClipCast loses its access to this account. Published videos stay on TikTok.",
    disconnectFailed: "The account could not be disconnected. Try again.",
    keep: "Keep it",
  },

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

  activity: {
    title: "Your posts",
    empty: "Nothing posted yet. Your uploads and posts will appear here.",
    failed: "Your posts could not be loaded.",
    more: "Show older posts",
    loading: "Loading your posts…",
    uploadLeg: "Upload to storage",
    relayLeg: "Sent to TikTok",
    keepOpen: "Keep this tab open until the upload is complete.",
    mayClose: "You may close this tab now. We take it from here.",
    pause: "Pause",
    resume: "Resume",
    cancel: "Cancel",
    cancelTitle: "Cancel this post?",
    cancelText: "The upload stops and the video is not posted.",
    cancelKeep: "Keep going",
    cancelYes: "Cancel post",
    cancelling: "Cancelling…",
    retryHint: "The video is still stored; it need not be uploaded again.",
    cancelFailed: "It could not be cancelled.",
    view: "View on TikTok",
    profile: "Open profile on TikTok",
    speed: (speed: string) => speed,
    left: (wait: string) => `${wait} left`,
    stored: (done: string, total: string) => `${done} of ${total}`,
    waitingUntil: (moment: string) => `Goes on at ${moment}.`,
    unfinished: "This upload was interrupted. Choose the same file to go on where it stopped.",
    chooseAgain: "Choose file to resume",
    different: "That is another file. Choose the one this upload began with.",
    draft: "Draft",
  },

  status: {
    uploading: "Uploading",
    paused: "Paused",
    interrupted: "Interrupted",
    queued: "Waiting to be sent",
    relaying: "Sending to TikTok",
    processing: "TikTok is processing",
    published: "Published",
    in_inbox: "In your TikTok inbox",
    failed: "Failed",
    cancelled: "Cancelled",
  },

  outcome: {
    processing:
      "TikTok has the video and is processing it. This may take a few minutes; you may close this tab.",
    in_inbox: "Open TikTok and tap the inbox notification to finish the post.",
    published: "The video is live.",
    publishedSoon: "The video is posted. Its link appears here once TikTok’s checks are done.",
    publishedQuietly: "The video is posted. TikTok gives no link for videos that are not public.",
    cancelled: "Nothing was posted.",
  },

  uploadError: {
    attempts_exhausted: "The connection failed for too long. What was uploaded is kept.",
    file_changed: "The file was changed or moved. Choose it again to go on.",
    file_mismatch: "This is not the file the upload began with.",
    upload_gone: "This upload has expired. Post the video again.",
    part_refused: "Storage refused the upload. Post the video again.",
    unexpected_answer: "Something went wrong on our side. Try again.",
  },
  network: "The connection failed. Check it and try again.",
  unknownError: "Something went wrong. Try again.",

  loginError: {
    access_denied: "You did not give access at TikTok, so nothing was connected.",
    state_missing: "The sign-in could not be completed. Start again from this page.",
    state_unknown: "The sign-in was already used or has expired. Start again.",
    state_expired: "The sign-in took too long. Start again.",
    state_foreign: "The sign-in was begun in another browser. Start again in this one.",
    scope_missing:
      "Posting was not allowed at TikTok. Connect again and leave both permissions on.",
    exchange_failed: "TikTok did not complete the sign-in. Try again in a moment.",
    account_taken: "This TikTok account is connected by another user of this app.",
    non_sandbox_target:
      "This TikTok account is not a test user of the app. Add it in the TikTok developer portal.",
  } as Record<string, string>,
  loginErrorOther: "Connecting to TikTok did not work. Try again.",

  footer: { terms: "Terms", privacy: "Privacy" },
};
