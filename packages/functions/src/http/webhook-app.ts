/**
 * TikTok's webhooks. The signature is checked over the raw body; the answer is 200 as soon as the hint is queued, since
 * TikTok repeats anything else for 72 hours.
 */
import { VisibleError } from "@clipcast/core/errors";
import { heed } from "@clipcast/core/publishing";
import { verifyWebhook } from "@clipcast/core/tiktok";
import { bodyLimit } from "hono/body-limit";
import { Hono } from "hono/tiny";
import type { WebhookDeps } from "../deps.ts";
import { onError, problemResponse } from "./problems.ts";

/** Documented events have a few hundred bytes. */
const bodyBytesMax = 64 * 1024;

export function createWebhookApp(deps: WebhookDeps) {
  const app = new Hono();
  app.onError((error, c) => onError(deps.log, error, c));
  app.notFound((c) =>
    problemResponse(c, { status: 404, code: "not_found", detail: "There is no such route." }),
  );
  app.use(bodyLimit({ maxSize: bodyBytesMax }));

  app.post("/api/tiktok/webhook", async (c) => {
    const verdict = verifyWebhook({
      signature: c.req.header("tiktok-signature") ?? "",
      rawBody: await c.req.text(),
      clientKey: deps.clientKey,
      clientSecret: deps.clientSecret,
      nowMs: deps.clock.nowMs(),
    });
    if (verdict.type === "forged") {
      throw new VisibleError("unauthenticated", "bad_signature", "This is not TikTok's signature.");
    }
    if (verdict.type === "event") await heed(deps, verdict.event);
    else deps.log.event("webhook.unknown", {});
    return c.body(null, 200);
  });

  return app;
}
