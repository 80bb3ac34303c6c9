/**
 * The one public origin: page and API behind one CloudFront distribution, so that the session cookie is first-party
 * and no request needs CORS. web.ts fills in the routes; everybody else only needs to know the origin.
 */
export const router = new sst.aws.Router("Router");

/** `Resource.Site.origin`: what redirect URIs are built from and what same-origin checks compare with. */
export const site = new sst.Linkable("Site", { properties: { origin: router.url } });
