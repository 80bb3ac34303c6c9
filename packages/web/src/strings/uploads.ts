/** The words of publications on their way: cards, history, progress, outcomes. */
export const uploads = {
  activity: {
    title: "Your posts",
    empty: "Nothing posted yet. Your uploads and posts will appear here.",
    failed: "Your posts could not be loaded.",
    more: "Show older posts",
    moreLoading: "Loading…",
    loading: "Loading your posts…",
    all: "All posts",
    draft: "Draft",
    to: (action: string, title: string) => `${action}: ${title}`,
    left: (wait: string) => `${wait} left`,
    stored: (done: string, total: string) => `${done} of ${total}`,
    percent: (percent: number) => `${percent} %`,
    cancelTitle: "Cancel this post?",
    cancelText: "The upload stops and the video is not posted.",
    cancelKeep: "Keep going",
    cancelYes: "Cancel post",
    cancelFailed: "It could not be cancelled.",
    different: "That is another file. Choose the one this upload began with.",
    busy: "Another tab is uploading this video already.",
    denied: "The browser does not let us read the file. Choose it again.",
    view: "View on TikTok",
    profile: "Open profile on TikTok",
    timeline: "What happened",
  },

  /** Begun with a capital letter: each stands alone on a button. */
  action: {
    pause: "Pause",
    resume: "Resume",
    cancel: "Cancel",
    try_again: "Try again",
    retry: "Try again",
    go_on: "Continue upload",
    choose: "Choose file to resume",
    sign_in: "Sign in again",
  },

  step: {
    storage: "Upload to storage",
    storageDone: "Uploaded to storage",
    tiktok: "Send to TikTok",
    tiktokDone: "Sent to TikTok",
    processing: "TikTok’s processing",
  },
  stepState: { done: "Done", current: "Under way", later: "Not yet" },

  status: {
    uploading: "Uploading",
    checking: "Looking",
    paused: "Paused",
    offline: "Offline",
    retrying: "Reconnecting",
    signed_out: "Signed out",
    interrupted: "Interrupted",
    queued: "Waiting to be sent",
    waiting: "Waiting",
    relaying: "Sending to TikTok",
    processing: "TikTok is processing",
    cancelling: "Cancelling",
    published: "Published",
    in_inbox: "In your TikTok inbox",
    failed: "Failed",
    cancelled: "Cancelled",
  },

  message: {
    keepOpen: "Keep this tab open until the upload is complete.",
    elsewhere:
      "Another tab of this browser is uploading it. If that one closes, this one takes over.",
    completing: "Everything is uploaded. One moment more…",
    paused: "What was uploaded is kept. Go on whenever you like.",
    offline: "It goes on by itself when the connection is back.",
    retrying: "The connection is bad. The upload goes on by itself as soon as it can.",
    signedOut: "Sign in again, and it goes on by itself. Nothing is lost.",
    ask: "This upload was interrupted. It goes on where it stopped.",
    choose: "This upload was interrupted. Choose the same file to go on where it stopped.",
    changed:
      "The file has been changed since this upload began. Choose the original, or cancel and post the new one.",
    mayClose: "You may close this tab now. We take it from here.",
    processing:
      "TikTok has the video and is processing it. This may take a few minutes; you may close this tab.",
    cancelling: "It is being cancelled.",
    in_inbox: "Open TikTok and tap the inbox notification to finish the post.",
    published: "The video is live.",
    publishedSoon: "The video is posted. Its link appears here once TikTok’s checks are done.",
    publishedQuietly: "The video is posted. TikTok gives no link for videos that are not public.",
    cancelled: "Nothing was posted.",
    retry: "The video is still stored; it need not be uploaded again.",
    waiting: (reason: string, until: string) => `${reason} Goes on ${until}.`,
  },

  moment: {
    today: (time: string) => `at ${time}`,
    tomorrow: (time: string) => `tomorrow at ${time}`,
    later: (day: string, time: string) => `on ${day} at ${time}`,
  },

  detail: {
    loading: "Loading the post…",
    missing: "There is no such post",
    missingText: "It does not exist, or it belongs to somebody else.",
    failed: "The post could not be loaded.",
  },

  signIn: {
    again: "Your session has ended. What you see stays, and uploads go on once you have signed in.",
    done: "You are signed in",
    doneText: "Your uploads go on in the other tab. This one can be closed.",
    home: "Go to your posts",
  },

  announce: {
    progress: (name: string, percent: number) => `${name}: ${percent} % uploaded`,
    change: (name: string, status: string) => `${name}: ${status}`,
    more: (count: number) => `and ${count} more`,
  },

  uploadError: {
    attempts_exhausted: "The connection failed for too long. What was uploaded is kept.",
    file_changed: "The file was changed or moved. Choose it again to go on.",
    file_mismatch: "This is not the file the upload began with.",
    upload_gone: "This upload has expired. Post the video again.",
    part_refused: "Storage refused the upload. Post the video again.",
    unexpected_answer: "Something went wrong on our side. Try again.",
  },
};
