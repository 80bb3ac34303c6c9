/** When not even who is signed in can be asked: why, and another attempt, which comes by itself with the connection. */
import { useEffect } from "react";
import { strings } from "../strings.ts";

export function Unreachable({ onRetry }: { onRetry: () => Promise<void> }) {
  useEffect(() => {
    const retry = () => void onRetry();
    addEventListener("online", retry);
    return () => removeEventListener("online", retry);
  }, [onRetry]);
  const text = strings.unreachable;
  return (
    <main className="welcome welcome-small">
      <div role="alert">
        <h1>{navigator.onLine ? text.title : text.offlineTitle}</h1>
        <p className="welcome-lead">{navigator.onLine ? text.text : text.offlineText}</p>
      </div>
      <button type="button" className="button button-primary" onClick={() => void onRetry()}>
        {strings.tryAgain}
      </button>
    </main>
  );
}
