/**
 * TikTok's side of login: grants, tokens and the rate windows per token. Rotation is strict, as the reference allows:
 * each refresh and each login kills the refresh token before it.
 */
import { RetryableError } from "../src/errors/index.ts";
import { TikTokRefusal, type TokenPair } from "../src/tiktok/index.ts";
import type { Process } from "./process.ts";
import type { Scheduler } from "./scheduler.ts";

/** Per minute and token (rate limits page). */
const callsPerMinute = { init: 6, status: 30 } as const;
export type RatedCall = keyof typeof callsPerMinute;

interface Grant {
  generation: number;
  isRevoked: boolean;
  /** Who was given the newest pair. */
  holder: Process | null;
}

interface Token {
  openId: string;
  expiresAtMs: number;
  isDead: boolean;
  callsAtMs: Record<RatedCall, number[]>;
}

export interface Grants {
  grant(process: Process, openId: string): TokenPair;
  refresh(process: Process, refreshToken: string): TokenPair;
  /** Throws unless the token is alive; counts the call in its window. */
  enter(accessToken: string, call: RatedCall | null): { openId: string };
  revoke(openId: string): void;
  /** Kills all access tokens of an account; the grant lives on. */
  expireTokens(openId: string): void;
  /** The newest generation, and who got it; null when there is no living grant. */
  newest(openId: string): Grant | null;
}

export function createGrants(
  scheduler: Scheduler,
  options: { accessSeconds: number; report(violation: string): void },
): Grants {
  const grantByOpenId = new Map<string, Grant>();
  const tokenByText = new Map<string, Token>();

  const issue = (process: Process, openId: string, generation: number): TokenPair => {
    grantByOpenId.set(openId, { generation, isRevoked: false, holder: process });
    const accessToken = `act.${openId}.${generation}`;
    tokenByText.set(accessToken, {
      openId,
      expiresAtMs: scheduler.nowMs() + options.accessSeconds * 1000,
      isDead: false,
      callsAtMs: { init: [], status: [] },
    });
    return {
      openId,
      accessToken,
      refreshToken: `rft.${openId}.${generation}`,
      accessExpiresInSec: options.accessSeconds,
      refreshExpiresInSec: 31_536_000,
      scopes: ["user.info.basic", "video.publish", "video.upload"],
    };
  };
  const killTokens = (openId: string) => {
    for (const token of tokenByText.values()) if (token.openId === openId) token.isDead = true;
  };
  const count = (token: Token, accessToken: string, call: RatedCall) => {
    const nowMs = scheduler.nowMs();
    const recent = token.callsAtMs[call].filter((atMs) => atMs > nowMs - 60_000);
    if (recent.length >= callsPerMinute[call]) {
      options.report(`rate: more than ${callsPerMinute[call]} ${call} a minute with one token`);
      throw new RetryableError("rate_limited", "TikTok asks to slow down.", {
        retryAfterMs: 60_000,
      });
    }
    token.callsAtMs[call] = [...recent, nowMs];
    tokenByText.set(accessToken, token);
  };

  return {
    grant: (process, openId) =>
      issue(process, openId, (grantByOpenId.get(openId)?.generation ?? 0) + 1),
    refresh(process, refreshToken) {
      const [, openId = "", generation = ""] = refreshToken.split(".");
      const grant = grantByOpenId.get(openId);
      if (grant === undefined || grant.isRevoked) throw refused("invalid_grant");
      if (grant.generation !== Number(generation)) {
        if (!isLost(grant)) options.report("refresh: a superseded refresh token was used");
        throw refused("invalid_grant");
      }
      return issue(process, openId, grant.generation + 1);
    },
    enter(accessToken, call) {
      const token = tokenByText.get(accessToken);
      if (token === undefined || token.isDead || token.expiresAtMs <= scheduler.nowMs()) {
        throw refused("access_token_invalid");
      }
      if (call !== null) count(token, accessToken, call);
      return { openId: token.openId };
    },
    revoke(openId) {
      const grant = grantByOpenId.get(openId);
      if (grant !== undefined) grant.isRevoked = true;
      killTokens(openId);
    },
    expireTokens: killTokens,
    newest(openId) {
      const grant = grantByOpenId.get(openId);
      return grant === undefined || grant.isRevoked ? null : grant;
    },
  };
}

/** A claim to refresh ends after 30 s, so whoever was frozen for longer may be overtaken. */
const claimMs = 30_000;

/** A pair whose answer nobody got, or whose holder died or slept: nothing that core could have stored. */
export function isLost({ holder }: Grant): boolean {
  if (holder === null) return false;
  const hasNoAnswer =
    holder.lostAnswers.has("tiktok.refresh") || holder.lostAnswers.has("tiktok.exchangeCode");
  return hasNoAnswer || holder.isDead() || holder.frozenMs() >= claimMs;
}

export function refused(code: string): TikTokRefusal {
  return new TikTokRefusal(code, code, { httpStatus: 400, logId: null });
}
