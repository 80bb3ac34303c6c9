/** Terms and privacy, which TikTok's review looks for; shown when the build was told where they are. */
import { strings } from "../strings.ts";

const termsUrl: string | undefined = import.meta.env.VITE_TERMS_URL;
const privacyUrl: string | undefined = import.meta.env.VITE_PRIVACY_URL;

export function PageFooter() {
  return (
    <footer className="page-footer">
      <span>{strings.product}</span>
      {termsUrl !== undefined && <a href={termsUrl}>{strings.footer.terms}</a>}
      {privacyUrl !== undefined && <a href={privacyUrl}>{strings.footer.privacy}</a>}
    </footer>
  );
}
