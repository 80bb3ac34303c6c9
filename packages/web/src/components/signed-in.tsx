/** Where a sign-in in a window of its own ends: the other tabs know already, and this one closes if the browser lets it. */
import { useEffect } from "react";
import { strings } from "../strings.ts";

export function SignedIn() {
  useEffect(() => close(), []);
  return (
    <main className="welcome">
      <div className="empty" role="status">
        <h1>{strings.signIn.done}</h1>
        <p>{strings.signIn.doneText}</p>
        <a className="button" href="/">
          {strings.signIn.home}
        </a>
      </div>
    </main>
  );
}
