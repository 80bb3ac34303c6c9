/**
 * What differs between stages, and the settings that functions read through `Resource.Settings` and `Resource.TikTok`.
 *
 * A value lives here when somebody who runs the product may want to change it; a value that follows from the code
 * (a timeout, a queue's visibility) stays beside the resource it belongs to.
 */

export const isProduction = $app.stage === "production";

/**
 * Origins besides the site's own that may upload to the bucket: a video product that embeds the client library.
 * Comma-separated, set in the shell or in `.env` before `sst deploy`.
 */
export const extraUploadOrigins = (process.env.EXTRA_UPLOAD_ORIGINS ?? "")
  .split(",")
  .map((origin) => origin.trim())
  .filter((origin) => origin !== "");

/** The product's limit for one video, 4 GiB. TikTok's own: https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide */
const maxFileBytes = 4 * 1024 ** 3;

export const settings = new sst.Linkable("Settings", {
  properties: {
    maxFileBytes,
    // Set once TikTok has audited the app: https://developers.tiktok.com/doc/content-sharing-guidelines
    isAudited: false,
    // TikTok asks some apps for PKCE at login, and others refuse it; a web app starts without.
    usesPkce: false,
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
