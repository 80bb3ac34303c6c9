/**
 * TikTok's webhooks: `TikTok-Signature: t=<unix seconds>,s=<hex>` with s = HMAC-SHA256(client secret, t + "." + raw
 * body). Verified over the raw bytes, before any parsing.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod";
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

const freshMs = 5 * 60_000;

const envelope = z.object({
  client_key: z.string(),
  event: z.string(),
  create_time: z.number(),
  user_openid: z.string(),
  content: z.string(),
});
const content = z.looseObject({
  publish_id: z.string().optional(),
});

/** The event, or null when it is not TikTok's, not ours, or not understood. */
export function verifyWebhook(options: {
  signature: string;
  rawBody: string;
  clientKey: string;
  clientSecret: string;
  nowMs: number;
}): WebhookEvent | null {
  const match = /^t=(\d{1,12}),s=([0-9a-f]{64})$/.exec(options.signature.trim());
  const [, seconds, given] = match ?? [];
  if (seconds === undefined || given === undefined) return null;
  const wanted = createHmac("sha256", options.clientSecret)
    .update(`${seconds}.${options.rawBody}`)
    .digest();
  if (!timingSafeEqual(wanted, Buffer.from(given, "hex"))) return null;

  const outer = envelope.safeParse(parseJson(options.rawBody));
  if (!outer.success || outer.data.client_key !== options.clientKey) return null;
  const inner = content.safeParse(parseJson(outer.data.content));
  if (!inner.success) return null;
  return {
    event: outer.data.event,
    openId: outer.data.user_openid,
    publishId: inner.data.publish_id ?? null,
    createdAtMs: outer.data.create_time * 1000,
    isStale: Math.abs(options.nowMs - Number(seconds) * 1000) > freshMs,
  };
}
