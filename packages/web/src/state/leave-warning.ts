/** The browser's own question before the page is left, for as long as leaving would lose something. */
import { useLayoutEffect } from "react";

/** In step with what is drawn: whoever sees an empty form is not asked about it. */
export function useLeaveWarning(isNeeded: boolean) {
  useLayoutEffect(() => {
    if (!isNeeded) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [isNeeded]);
}
