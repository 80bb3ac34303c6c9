/** Terms and privacy, which TikTok's review looks for; shown when the build was told where they are. */
import { strings } from "../strings.ts";

/** Set by infra/web.ts from the stage's settings; empty where there is none. */
const termsUrl: string = import.meta.env.VITE_TERMS_URL ?? "";
const privacyUrl: string = import.meta.env.VITE_PRIVACY_URL ?? "";

export function PageFooter() {
  return (
    <footer className="page-footer">
      <span>{strings.product}</span>
      {termsUrl !== "" && <a href={termsUrl}>{strings.footer.terms}</a>}
      {privacyUrl !== "" && <a href={privacyUrl}>{strings.footer.privacy}</a>}
    </footer>
  );
}
