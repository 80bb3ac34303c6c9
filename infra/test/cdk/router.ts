/** Runs the edge function of a template as CloudFront does: with its own module in place, and nothing else. */
import { z } from "zod";

export interface Routed {
  uri: string;
  host: string | undefined;
}

const router = z.object({ route: z.custom<(uri: string) => Promise<Routed>>() });

export async function loadRouter(functionCode: unknown): Promise<(uri: string) => Promise<Routed>> {
  const code = z.string().parse(functionCode).replace('import cf from "cloudfront";', "");
  const module = `
    let host;
    const cf = { updateRequestOrigin: (origin) => { host = origin.domainName; } };
    ${code}
    export async function route(uri) {
      host = undefined;
      const headers = { host: { value: "x.cloudfront.net" } };
      const request = { uri, method: "GET", headers, cookies: {}, querystring: {} };
      await handler({ request });
      return { uri: request.uri, host };
    }`;
  return router.parse(await import(`data:text/javascript,${encodeURIComponent(module)}`)).route;
}
