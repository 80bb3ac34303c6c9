// Identifiers and secrets in TikTok's shapes (fact sheet section 0). Random ones come from node:crypto;
// the ones TikTok keeps stable (open_id per app and user, union_id per user) are derived, not stored.

import { createHash, randomBytes, randomInt, randomUUID } from "node:crypto";

/**
 * A 19-digit integer that fits int64. It is always odd: beyond 2^53 no odd number is a double, so a
 * client that runs it through JSON.parse is wrong every time, not once in a while.
 */
export function int64Digits(): string {
  const random = randomBytes(8).readBigUInt64BE() % 10n ** 17n;
  return String(76n * 10n ** 17n + (random | 1n));
}

export function publishId(
  kind: "direct" | "inbox",
  source: "FILE_UPLOAD" | "PULL_FROM_URL",
): string {
  const what = `v_${kind === "direct" ? "pub" : "inbox"}_${source === "FILE_UPLOAD" ? "file" : "url"}`;
  return `${what}~${kind === "direct" ? "v2-1" : "v2"}.${int64Digits()}`;
}

/** 14 digits of UTC time and 20 upper-case hex digits. */
export function logId(nowMs: number): string {
  const digits = new Date(nowMs).toISOString().replaceAll(/\D/g, "").slice(0, 14);
  return digits + randomBytes(10).toString("hex").toUpperCase();
}

export function token(prefix: "act" | "rft" | "clt"): string {
  return `${prefix}.${randomBytes(48).toString("base64url")}!${randomInt(1000, 10_000)}.sb`;
}

/** The tail carries `*` and `!`, which a client must decode exactly once (section 1.3). */
export function authorizationCode(): string {
  return `${randomBytes(48).toString("base64url")}*${randomInt(0, 10)}!${randomInt(1000, 10_000)}`;
}

export function uploadToken(): string {
  return randomUUID();
}

/** Secrets are stored and looked up by this digest only. */
export function secretHash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

export function openId(clientKey: string, username: string): string {
  return `-000${derive("open_id", clientKey, username)}`;
}

export function unionId(username: string): string {
  return derive("union_id", username);
}

function derive(...parts: string[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("base64url").slice(0, 32);
}
