/**
 * The security headers of the one origin, page and API alike, and the only place where they are written: CloudFront adds
 * them, CDK and the local host read them from the plan.
 */
import { bucketOrigin } from "./storage-name.ts";

/** Anything that is not named is refused; nothing inline, nothing evaluated, no framing. */
const contentSecurityPolicy = {
  "default-src": "'none'",
  "script-src": "'self'",
  "style-src": "'self'",
  "font-src": "'self'",
  // The API, and the parts of a video on their way to the bucket.
  "connect-src": $interpolate`'self' ${bucketOrigin}`,
  // Creators are shown by their letter: TikTok's pictures would tell its hosts of every visit.
  "img-src": "'self'",
  // The preview of a video that has not left the creator's machine.
  "media-src": "blob:",
  "base-uri": "'none'",
  "frame-ancestors": "'none'",
  // The login is a link, since browsers would check where a form's redirect leads; no form is ever sent.
  "form-action": "'none'",
  // No string becomes code or markup, and nobody may make a rule for how one could.
  "require-trusted-types-for": "'script'",
  "trusted-types": "'none'",
  "upgrade-insecure-requests": "",
};

/** The page needs none of these; a script that got in shall not have them either. */
const permissionsPolicy = ["camera", "microphone", "geolocation", "payment", "usb"]
  .map((feature) => `${feature}=()`)
  .join(", ");

const yearInSeconds = 365 * 24 * 60 * 60;

export const securityHeaders = new aws.cloudfront.ResponseHeadersPolicy("SecurityHeaders", {
  name: `${$app.name}-${$app.stage}-security-headers`,
  securityHeadersConfig: {
    strictTransportSecurity: {
      accessControlMaxAgeSec: 2 * yearInSeconds,
      // Other hosts of a custom domain may belong to somebody else.
      includeSubdomains: false,
      override: true,
    },
    contentSecurityPolicy: {
      contentSecurityPolicy: $output(contentSecurityPolicy).apply(writeDirectives),
      override: true,
    },
    contentTypeOptions: { override: true },
    frameOptions: { frameOption: "DENY", override: true },
    // Addresses of publications stay with us; the API's check of `Origin` is not touched by this.
    referrerPolicy: { referrerPolicy: "same-origin", override: true },
  },
  customHeadersConfig: {
    items: [{ header: "permissions-policy", value: permissionsPolicy, override: true }],
  },
});

function writeDirectives(directives: Record<string, string>): string {
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources}`.trim())
    .join("; ");
}
