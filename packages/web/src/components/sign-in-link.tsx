/** Signs in again in a window of its own, so that the page and its uploads stay as they are. */
import { openSignIn } from "../state/sign-in.ts";
import { strings } from "../strings.ts";

export function SignInLink({ url, name }: { url: string; name?: string }) {
  return (
    <a
      className="button button-primary button-small"
      href={url}
      target="_blank"
      rel="noreferrer"
      aria-label={name}
      onClick={(event) => {
        if (openSignIn(url)) event.preventDefault();
      }}
    >
      {strings.action.sign_in}
    </a>
  );
}
