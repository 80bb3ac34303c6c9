/**
 * Sessions: a random 256-bit value in the browser's cookie, only its hash in the table. Expiry is checked here; the
 * table's TTL only tidies.
 *
 * The cookie also says whose it is, so that what a user asks for can be read together with the session. That is a claim
 * until the session has been read: only its row, found by the hash of the whole cookie, says who the user is.
 */
import * as z from "zod/mini";
import { VisibleError } from "../errors/index.ts";
import { type Clock, digest, secret } from "../system/index.ts";
import { type Key, load, save, type TableDeps } from "../table/index.ts";

export const sessionLifetimeMs = 30 * 24 * 3_600_000;

const sessionSchema = z.object({ userId: z.string(), expiresAtMs: z.number() });

type SessionDeps = TableDeps & { clock: Clock };

/** Answers the value for the cookie; it cannot be read back from the table. */
export async function createSession(deps: SessionDeps, userId: string): Promise<string> {
  const value = `${userId}.${secret(deps.random)}`;
  const expiresAtMs = deps.clock.nowMs() + sessionLifetimeMs;
  await save(
    deps,
    sessionSchema,
    { key: sessionKey(value), version: 0 },
    { userId, expiresAtMs },
    { expiresAtMs },
  );
  return value;
}

/** Who the cookie claims to be from; null when it claims nothing. */
export function claimedUser(value: string | undefined): string | null {
  return /^([^.]+)\.[^.]+$/.exec(value ?? "")?.[1] ?? null;
}

/** The user behind a cookie. Throws `session_missing` or `session_expired`. */
export async function findSession(
  deps: SessionDeps,
  value: string | undefined,
): Promise<{ userId: string }> {
  if (value === undefined || value === "") {
    throw new VisibleError("unauthenticated", "session_missing", "Connect a TikTok account first.");
  }
  const stored = await load(deps, sessionSchema, sessionKey(value));
  const isAlive = stored !== null && stored.value.expiresAtMs > deps.clock.nowMs();
  if (!isAlive || stored.value.userId !== claimedUser(value)) {
    throw new VisibleError("unauthenticated", "session_expired", "Your session has ended. Log in.");
  }
  return { userId: stored.value.userId };
}

/** A session is written once, so it is removed in the only version that it can have. */
export async function endSession(deps: SessionDeps, value: string): Promise<void> {
  await deps.table.remove(sessionKey(value), 1);
}

function sessionKey(value: string): Key {
  return { pk: `SESSION#${digest(value)}`, sk: "SESSION" };
}
