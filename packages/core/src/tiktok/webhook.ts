/**
 * TikTok's webhooks: `TikTok-Signature: t=<unix seconds>,s=<hex>` with s = HMAC-SHA256(client secret, t + "." + raw
 * body). Verified over the raw bytes, before any parsing.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod/mini";
import { parseJson } from "./envelope.ts";

export interface WebhookEvent {
  event: string;
  openId: string;
  /** Null for events that are not about a publication. */
  publishId: string | null;
  createdAtMs: number;
  /** Whether the signature is older than the customary five minutes; the event is then worth a check, not belief. */
  isStale: boolean;
}

/**
 * - `forged`: not signed with our secret, or for another app. Refuse it.
 * - `unknown`: TikTok's, but about something that we do not follow. Take it, or TikTok repeats it for 72 hours.
 */
export type WebhookVerdict =
  | { type: "event"; event: WebhookEvent }
  | { type: "unknown" }
  | { type: "forged" };

const freshMs = 5 * 60_000;

const addressed = z.looseObject({ client_key: z.string() });
const envelope = z.object({
  event: z.string(),
  create_time: z.number(),
  user_openid: z.string(),
  content: z.string(),
});
const content = z.looseObject({
  publish_id: z.optional(z.string()),
});

export function verifyWebhook(options: {
  signature: string;
  rawBody: string;
  clientKey: string;
  clientSecret: string;
  nowMs: number;
}): WebhookVerdict {
  const match = /^t=(\d{1,12}),s=([0-9a-f]{64})$/.exec(options.signature.trim());
  const [, seconds, given] = match ?? [];
  if (seconds === undefined || given === undefined) return { type: "forged" };
  const wanted = createHmac("sha256", options.clientSecret)
    .update(`${seconds}.${options.rawBody}`)
    .digest();
  if (!timingSafeEqual(wanted, Buffer.from(given, "hex"))) return { type: "forged" };

  const body = parseJson(options.rawBody);
  const address = addressed.safeParse(body);
  if (!address.success) return { type: "unknown" };
  if (address.data.client_key !== options.clientKey) return { type: "forged" };
  const outer = envelope.safeParse(body);
  const inner = content.safeParse(outer.success ? parseJson(outer.data.content) : undefined);
  if (!outer.success || !inner.success) return { type: "unknown" };
  const event = {
    event: outer.data.event,
    openId: outer.data.user_openid,
    publishId: inner.data.publish_id ?? null,
    createdAtMs: outer.data.create_time * 1000,
    isStale: Math.abs(options.nowMs - Number(seconds) * 1000) > freshMs,
  };
  return { type: "event", event };
}
