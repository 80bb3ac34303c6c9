/** The words around everything: sign-in, accounts, footer, and what is said when nothing works. */
export const page = {
  product: "ClipCast Publish",

  loading: "Loading…",

  tryAgain: "Try again",

  dismiss: "Dismiss",

  unreachable: {
    title: "ClipCast cannot be reached",
    text: "Your connection or our server is down. Uploads that were under way are kept.",
    offlineTitle: "You are offline",
    offlineText: "The page comes back by itself when the connection does. Uploads are kept.",
  },

  offline: "You are offline. Uploads go on by themselves when the connection is back.",

  network: "The connection failed. Check it and try again.",

  unknownError: "Something went wrong. Try again.",

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
    connected: "Connected",
    draftsOnly: "Connected for drafts only",
    needsReconnect: "Must be connected again",
    toReconnect: (count: number) =>
      count === 1
        ? "One account must be connected again"
        : `${count} accounts must be connected again`,
    reconnectNamed: (name: string) => `Reconnect ${name}`,
    disconnectNamed: (name: string) => `Disconnect ${name}`,
    signOutFailed: "You could not be signed out. Try again.",
    disconnectTitle: (name: string) => `Disconnect ${name}?`,
    disconnectText: "ClipCast loses its access to this account. Published videos stay on TikTok.",
    disconnectFailed: "The account could not be disconnected. Try again.",
    keep: "Keep it",
  },

  signOut: {
    action: "Sign out",
    title: "Sign out?",
    stay: "Stay signed in",
    consequences: ({ uploadCount, formCount }: { uploadCount: number; formCount: number }) => [
      ...(formCount === 1 ? ["The form you have filled in is lost."] : []),
      ...(formCount > 1 ? [`The ${formCount} forms you have filled in are lost.`] : []),
      ...(uploadCount === 1
        ? [
            "The upload under way stops. What was uploaded is kept for 24 hours from its beginning: sign in again with the same account to go on where it stopped. You may have to choose the file again.",
          ]
        : []),
      ...(uploadCount > 1
        ? [
            `${uploadCount} uploads under way stop. What was uploaded is kept for 24 hours from their beginning: sign in again with the same account to go on where they stopped. You may have to choose the files again.`,
          ]
        : []),
    ],
  },

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
