// Every path the sandbox answers but the byte upload, as one Hono app: TikTok's endpoints, the login pages,
// the control API and the sandbox's own pages.

import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { directInit, inboxInit } from "./api/init.ts";
import { cancel, statusFetch } from "./api/publish.ts";
import { creatorInfo, userInfo } from "./api/user.ts";
import { type Endpoint, serveCall } from "./call.ts";
import type { Sandbox } from "./context.ts";
import { createControl } from "./control.ts";
import { logId } from "./ids.ts";
import { revoke } from "./oauth/revoke.ts";
import { token } from "./oauth/token.ts";
import { addHome } from "./pages/home-routes.ts";
import { addLoginPages } from "./pages/login.ts";
import { addPublicPages } from "./pages/public.ts";

const bodyBytesMax = 1_000_000;

const endpoints: Record<string, Endpoint> = {
  "/v2/oauth/token/": token,
  "/v2/oauth/revoke/": revoke,
  "/v2/user/info/": userInfo,
  "/v2/post/publish/creator_info/query/": creatorInfo,
  "/v2/post/publish/video/init/": directInit,
  "/v2/post/publish/inbox/video/init/": inboxInit,
  "/v2/post/publish/status/fetch/": statusFetch,
  "/v2/post/publish/cancel/": cancel,
};

export function createApp(sandbox: Sandbox): Hono<{ Bindings: HttpBindings }> {
  const app = new Hono<{ Bindings: HttpBindings }>();
  app.use(async (c, next) => {
    // No call has a body worth more; one without a length could not be bounded before it is read.
    if (c.req.header("transfer-encoding") !== undefined) return c.json({ error: "no length" }, 411);
    const bodyBytes = Number(c.req.header("content-length") ?? 0);
    return bodyBytes > bodyBytesMax ? c.json({ error: "too large" }, 413) : next();
  });
  app.use(async (c, next) => {
    // The pages act by plain forms; another site's page must not be able to submit them.
    const site = c.req.header("sec-fetch-site");
    const isForeign = site !== undefined && site !== "same-origin" && site !== "none";
    const isRead = c.req.method === "GET" || c.req.method === "HEAD";
    if (isForeign && !isRead) return c.json({ error: "cross-site request" }, 403);
    return next();
  });
  for (const [path, endpoint] of Object.entries(endpoints)) {
    app.all(path, (c) => serveCall(sandbox, endpoint, c));
    // TikTok documents the trailing slash only; a knob says what happens without it.
    app.all(path.slice(0, -1), (c) => serveCall(sandbox, endpoint, c));
  }
  addLoginPages(app, sandbox);
  app.route("/sandbox/api", createControl(sandbox));
  addHome(app, sandbox);
  addPublicPages(app, sandbox);
  app.all("/v2/*", (c) => {
    const log_id = logId(sandbox.clock.nowMs());
    const error = { code: "unsupported_path", message: "Not part of this sandbox.", log_id };
    return c.json({ error }, 404);
  });
  app.onError((error, c) => {
    // Only a bug in the sandbox ends here: it must be seen, and look like TikTok's own trouble.
    console.error(error);
    const log_id = logId(sandbox.clock.nowMs());
    const message = "Internal error. Please try again later.";
    return c.json({ error: { code: "internal_error", message, log_id } }, 500);
  });
  return app;
}
