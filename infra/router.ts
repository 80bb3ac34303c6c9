/**
 * The one public origin: page and API behind one CloudFront distribution, so that the session cookie is first-party
 * and no request needs CORS. web.ts fills in the routes; everybody else only needs to know the origin.
 */
import { securityHeaders } from "./headers.ts";
import { domain, domainCert } from "./settings.ts";

export const router = new sst.aws.Router("Router", {
  ...(domain !== "" && {
    // With a certificate of its own the domain's DNS is somebody else's: point it at the distribution by hand.
    domain: domainCert === "" ? domain : { name: domain, dns: false, cert: domainCert },
  }),
  transform: {
    cdn: (args) => {
      args.defaultCacheBehavior = $output(args.defaultCacheBehavior).apply((behavior) => ({
        ...behavior,
        responseHeadersPolicyId: securityHeaders.id,
      }));
      // A placeholder: the edge function sends each request elsewhere. Should it ever not, then not in plain text.
      args.origins = $output(args.origins).apply((origins) =>
        origins.map((origin) => ({
          ...origin,
          ...(origin.customOriginConfig && {
            customOriginConfig: {
              ...origin.customOriginConfig,
              originProtocolPolicy: "https-only",
            },
          }),
        })),
      );
    },
  },
});

/** `Resource.Site.origin`: what redirect URIs are built from and what same-origin checks compare with. */
export const site = new sst.Linkable("Site", { properties: { origin: router.url } });
