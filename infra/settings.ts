/**
 * What differs between stages, and the settings that functions read through `Resource.Settings` and `Resource.TikTok`.
 *
 * A value lives here when somebody who runs the product may want to change it; a value that follows from the code
 * (a timeout, a queue's visibility) stays beside the resource it belongs to.
 *
 * Optional ones come from the shell, `.env` or `.env.STAGE`, which SST reads before `sst deploy`:
 *
 *   DOMAIN                post.example.com: the public origin; without it CloudFront's own name
 *   DOMAIN_CERT           ARN of its certificate in us-east-1, when its DNS is not in this account's Route 53
 *   ALERT_EMAIL           who is told when an alarm goes off
 *   TERMS_URL             the page's links to its terms and its privacy policy,
 *   PRIVACY_URL           which TikTok asks for: https://developers.tiktok.com/doc/app-review-guidelines
 *   EXTRA_UPLOAD_ORIGINS  comma-separated: origins besides the site's own that may upload to the bucket, such as a
 *                         video product that embeds the client library
 */

export const isProduction = $app.stage === "production";

export const domain = setting("DOMAIN");
export const domainCert = setting("DOMAIN_CERT");
export const alertEmail = setting("ALERT_EMAIL");
export const extraUploadOrigins = setting("EXTRA_UPLOAD_ORIGINS")
  .split(",")
  .map((origin) => origin.trim())
  .filter((origin) => origin !== "");

/** The product's limit for one video, 4 GiB. TikTok's own: https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide */
const maxFileBytes = 4 * 1024 ** 3;

/** Empty where there is none. The page has them from its build: whoever is not signed in must see them, too. */
export const legalLinks = {
  termsUrl: webAddress("TERMS_URL"),
  privacyUrl: webAddress("PRIVACY_URL"),
};

export const settings = new sst.Linkable("Settings", {
  properties: {
    maxFileBytes,
    // Set once TikTok has audited the app: https://developers.tiktok.com/doc/content-sharing-guidelines
    isAudited: false,
    // TikTok asks some apps for PKCE at login, and others refuse it; a web app starts without.
    usesPkce: false,
    ...legalLinks,
  },
});

/** Where TikTok is. The local host puts its sandbox here. */
export const tikTok = new sst.Linkable("TikTok", {
  properties: {
    authorizeUrl: "https://www.tiktok.com/v2/auth/authorize/",
    apiUrl: "https://open.tiktokapis.com",
    uploadHostSuffix: ".tiktokapis.com",
  },
});

/** Empty when it is not set. */
function setting(name: string): string {
  return (process.env[name] ?? "").trim();
}

/** Refused here rather than as a dead link on the page. */
function webAddress(name: string): string {
  const value = setting(name);
  if (value !== "" && !/^https:\/\/[^/\s]+\S*$/.test(value)) {
    throw new Error(`${name} is not an https address: ${value}`);
  }
  return value;
}
