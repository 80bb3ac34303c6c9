/** Says why a sign-in at TikTok did not work, from `?login_error=CODE`, and takes it off the address. */
import { useEffect, useState } from "react";
import { sentenceOfLoginError } from "../model/sentence.ts";
import { strings } from "../strings.ts";
import { Icon } from "./icon.tsx";
import { Notice } from "./notice.tsx";

const parameter = "login_error";

export function LoginAlert() {
  const [code, setCode] = useState(() => new URLSearchParams(location.search).get(parameter));
  useEffect(() => {
    const url = new URL(location.href);
    if (!url.searchParams.has(parameter)) return;
    // A reload should not repeat old news.
    url.searchParams.delete(parameter);
    history.replaceState(null, "", url);
  }, []);
  if (code === null) return null;
  return (
    <div className="page-alert">
      <Notice
        tone="error"
        action={
          <button
            type="button"
            className="button-icon"
            aria-label={strings.dismiss}
            onClick={() => setCode(null)}
          >
            <Icon name="close" />
          </button>
        }
      >
        {sentenceOfLoginError(code)}
      </Notice>
    </div>
  );
}
