/**
 * TikTok's side of login: grants, tokens and the rate windows per token. Rotation is strict, as the reference allows:
 * each refresh kills the refresh token before it.
 */
import { RetryableError } from "../src/errors/index.ts";
import { TikTokRefusal, type TokenPair } from "../src/tiktok/index.ts";
import type { Process } from "./process.ts";
import type { Scheduler } from "./scheduler.ts";

/** Per minute and token (rate limits page). */
const callsPerMinute = { init: 6, status: 30 } as const;
export type RatedCall = keyof typeof callsPerMinute;

/** What one login began: refreshes go on from pair to pair, and only the newest can be refreshed. */
interface Chain {
  openId: string;
  newest: number;
  isRevoked: boolean;
  /** Who was given the newest pair. */
  holder: Process;
}

interface Token {
  openId: string;
  issuedAtMs: number;
  expiresAtMs: number;
  isDead: boolean;
  callsAtMs: Record<RatedCall, number[]>;
}

export interface Grants {
  grant(process: Process, openId: string): TokenPair;
  refresh(process: Process, refreshToken: string): TokenPair;
  /** Throws unless the token is alive; counts the call in its window. */
  enter(
    process: Process,
    accessToken: string,
    call: RatedCall | null,
  ): { openId: string; ageMs: number };
  revoke(openId: string): void;
  /** Kills one access token. */
  kill(accessToken: string): void;
  /** Kills the access tokens of an account that have this age; the grant lives on. */
  expireTokens(openId: string, ageMsMin?: number): void;
  /** Whether the pair of this generation could still be refreshed. */
  judge(openId: string, generation: number): "newest" | "superseded" | "lost" | "revoked";
}

export function createGrants(
  scheduler: Scheduler,
  options: { accessSeconds: number; report(violation: string): void },
): Grants {
  const chainByRefresh = new Map<string, Chain>();
  const tokenByText = new Map<string, Token>();
  let generations = 0;

  const issue = (process: Process, chain: Chain): TokenPair => {
    const { openId } = chain;
    generations += 1;
    chain.newest = generations;
    chain.holder = process;
    const accessToken = `act.${openId}.${generations}`;
    const refreshToken = `rft.${openId}.${generations}`;
    chainByRefresh.set(refreshToken, chain);
    tokenByText.set(accessToken, {
      openId,
      issuedAtMs: scheduler.nowMs(),
      expiresAtMs: scheduler.nowMs() + options.accessSeconds * 1000,
      isDead: false,
      callsAtMs: { init: [], status: [] },
    });
    return {
      openId,
      accessToken,
      refreshToken,
      accessExpiresInSec: options.accessSeconds,
      refreshExpiresInSec: 31_536_000,
      scopes: ["user.info.basic", "video.publish", "video.upload"],
    };
  };
  const judge: Grants["judge"] = (openId, generation) => {
    const chain = chainByRefresh.get(`rft.${openId}.${generation}`);
    if (chain === undefined || chain.isRevoked) return "revoked";
    if (chain.newest === generation) return "newest";
    return isLost(chain.holder) ? "lost" : "superseded";
  };
  const killTokens = (openId: string, ageMsMin = 0) => {
    const issuedMsMax = scheduler.nowMs() - ageMsMin;
    for (const token of tokenByText.values()) {
      if (token.openId === openId && token.issuedAtMs <= issuedMsMax) token.isDead = true;
    }
  };
  return {
    judge,
    grant: (process, openId) =>
      issue(process, { openId, newest: 0, isRevoked: false, holder: process }),
    refresh(process, refreshToken) {
      const chain = chainByRefresh.get(refreshToken);
      if (chain === undefined) throw refused("invalid_grant");
      const verdict = judge(chain.openId, Number(refreshToken.split(".")[2]));
      // Whoever sleeps longer than its claim lasts may wake up to an old token; it must only not store anything.
      const isAwake = process.frozenMs() < claimMs;
      if (verdict === "superseded" && isAwake) {
        options.report("refresh: a superseded refresh token was used");
      }
      if (verdict !== "newest") throw refused("invalid_grant");
      return issue(process, chain);
    },
    enter(process, accessToken, call) {
      const token = tokenByText.get(accessToken);
      if (token === undefined || token.isDead || token.expiresAtMs <= scheduler.nowMs()) {
        throw refused("access_token_invalid");
      }
      // Who was asleep between taking its place and calling cannot know that the place is stale.
      if (call !== null && process.frozenMs() === 0) {
        count(token, call, { nowMs: scheduler.nowMs(), report: options.report });
      }
      return { openId: token.openId, ageMs: scheduler.nowMs() - token.issuedAtMs };
    },
    revoke(openId) {
      for (const chain of chainByRefresh.values()) chain.isRevoked ||= chain.openId === openId;
      killTokens(openId);
    },
    expireTokens: killTokens,
    kill(accessToken) {
      const token = tokenByText.get(accessToken);
      if (token !== undefined) token.isDead = true;
    },
  };
}

/** The sliding minute of one token. */
function count(
  token: Token,
  call: RatedCall,
  now: { nowMs: number; report(violation: string): void },
): void {
  const recent = token.callsAtMs[call].filter((atMs) => atMs > now.nowMs - 60_000);
  if (recent.length >= callsPerMinute[call]) {
    now.report(`rate: more than ${callsPerMinute[call]} ${call} a minute with one token`);
    throw new RetryableError("rate_limited", "TikTok asks to slow down.", { retryAfterMs: 60_000 });
  }
  token.callsAtMs[call] = [...recent, now.nowMs];
}

/** A new token is not refused at once: that would be the account's end, and rightly so. */
export const tokenGraceMs = 60_000;

/** A claim to refresh ends after 30 s, so whoever was frozen for longer may be overtaken. */
const claimMs = 30_000;

/** A pair whose answer nobody got, or whose holder died or slept: nothing that core could have stored. */
function isLost(holder: Process): boolean {
  const isUnanswered = holder.lostAnswers.has("tiktok.refresh");
  return isUnanswered || holder.isDead() || holder.frozenMs() >= claimMs;
}

export function refused(code: string): TikTokRefusal {
  return new TikTokRefusal(code, code, { httpStatus: 400, logId: null });
}
