/**
 * What follows from signing in and out: the publications of whoever it is now, in every tab of this browser.
 *
 * A session that ran out leaves the page as it is; when the same user is back, in whichever tab, everything goes on. One
 * that was ended by hand, in whichever tab, leaves nothing of its user in any.
 */
import type { Client } from "@clipcast/client";
import type { Activity } from "./activity.ts";
import { signedInPath } from "./route.ts";
import type { Session } from "./session.ts";
import type { Tabs } from "./tabs.ts";

/** Tells the other tabs who has signed in or out, and hears it from them. */
export function linkTabs(session: Session, tabs: Tabs): void {
  /** Whose things this tab shows, also after a session that ran out. */
  let shown: string | null = null;
  let announced: string | null = null;
  session.subscribe(() => {
    const state = session.get();
    if (state.type === "signed_out" && shown !== null) {
      tabs.post({ type: "signed_out", userId: shown });
    }
    shown = state.type === "signed_in" ? state.me.userId : null;
    const user = state.type === "signed_in" && !state.hasExpired ? state.me.userId : null;
    if (user !== null && user !== announced) tabs.post({ type: "signed_in", userId: user });
    announced = user;
  });
  const isShown = (userId: string) => shown === userId;
  const onSignedIn = (userId: string) => {
    const state = session.get();
    const isKnown = state.type === "signed_in" && !state.hasExpired && isShown(userId);
    // Who is still asking hears it by the answer.
    if (!isKnown && state.type !== "loading") void session.load();
  };
  const onSignedOut = (userId: string) => {
    const { type } = session.get();
    if (isShown(userId)) {
      // Said once is enough: an echo might meet somebody who has signed in since.
      shown = null;
      session.end();
    } else if (type !== "signed_out") void session.load();
  };
  tabs.subscribe(({ type, userId }) => {
    if (type === "signed_in") onSignedIn(userId);
    if (type === "signed_out") onSignedOut(userId);
  });
}

/** Shows the publications of whoever is signed in, and goes on when the same user is back. */
export function followSession(session: Session, activity: Activity): void {
  let user: string | null = null;
  let hadExpired = false;
  const follow = () => {
    const state = session.get();
    if (state.type === "signed_out") {
      user = null;
      activity.leave();
    }
    if (state.type !== "signed_in") return;
    const isBack = hadExpired && !state.hasExpired;
    hadExpired = state.hasExpired;
    if (state.hasExpired) return;
    if (user !== state.me.userId) {
      user = state.me.userId;
      void activity.open(user);
    } else if (isBack) activity.regained();
  };
  session.subscribe(follow);
  follow();
}

/**
 * After an absence: who is there now, and then what is new. In this order, because a session that has ended meanwhile is
 * an ordinary answer to the first question, and an error on the console after any other.
 */
export async function lookAgain(
  session: Pick<Session, "get" | "load">,
  activity: Pick<Activity, "refresh">,
): Promise<void> {
  await session.load();
  const state = session.get();
  if (state.type === "signed_in" && !state.hasExpired) await activity.refresh();
}

/** TikTok's consent page in a window of its own, so that the page and its uploads stay. */
export function signInUrl(client: Client): string {
  return client.api.loginUrl({ returnTo: signedInPath });
}

/** False when the browser allows no window; a plain link then does. */
export function openSignIn(url: string): boolean {
  return open(url, "clipcast-sign-in", "popup,width=520,height=820") !== null;
}
