/**
 * The page, and the routes of the one origin: `/api` goes to the gateway, everything else to the static site.
 */
import { gateway } from "./api.ts";
import { router } from "./router.ts";
import { legalLinks } from "./settings.ts";

// Above the API's own timeout, so that a slow request is answered by us and not by CloudFront.
router.route("/api", gateway.url, { readTimeout: "30 seconds" });

export const web = new sst.aws.StaticSite("Web", {
  path: "packages/web",
  build: { command: "npx vite build", output: "dist" },
  environment: {
    VITE_TERMS_URL: legalLinks.termsUrl,
    VITE_PRIVACY_URL: legalLinks.privacyUrl,
  },
  router: { instance: router },
  assets: {
    // The last that matches counts. Vite names what it puts into `assets` by content, so such a file never changes;
    // everything else must be asked for again, or a new version would not be seen.
    fileOptions: [
      { files: "**", cacheControl: "no-cache" },
      { files: "assets/**", cacheControl: "public,max-age=31536000,immutable" },
    ],
  },
  // The router is the only way to the files, so their bucket answers no other origin.
  transform: { assets: { cors: false } },
  // Deployed under `sst dev` too: TikTok's redirect URI and the session cookie need the one https origin. To work on
  // the page itself, use the local run.
  dev: false,
  // SST would otherwise write a types file into the page's sources.
  vite: { types: "../../.sst/vite-env.d.ts" },
});
