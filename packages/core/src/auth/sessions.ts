/**
 * Sessions: a random 256-bit value in the browser's cookie, only its hash in the table. Expiry is checked here; the
 * table's TTL only tidies.
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
  const value = secret(deps.random);
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

/** The user behind a cookie. Throws `session_missing` or `session_expired`. */
export async function findSession(
  deps: SessionDeps,
  value: string | undefined,
): Promise<{ userId: string }> {
  if (value === undefined || value === "") {
    throw new VisibleError("unauthenticated", "session_missing", "Connect a TikTok account first.");
  }
  const stored = await load(deps, sessionSchema, sessionKey(value));
  if (stored === null || stored.value.expiresAtMs <= deps.clock.nowMs()) {
    throw new VisibleError("unauthenticated", "session_expired", "Your session has ended. Log in.");
  }
  return { userId: stored.value.userId };
}

export async function endSession(deps: SessionDeps, value: string): Promise<void> {
  const stored = await load(deps, sessionSchema, sessionKey(value));
  if (stored !== null) await deps.table.remove(stored.key, stored.version);
}

function sessionKey(value: string): Key {
  return { pk: `SESSION#${digest(value)}`, sk: "SESSION" };
}
