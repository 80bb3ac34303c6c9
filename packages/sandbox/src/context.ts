// The running sandbox as its parts see it: what is configured, what is remembered, what is in flight.
// Operations are free functions that take this first.

import type { Hash } from "node:crypto";
import { z } from "zod";
import type { Clock } from "./clock.ts";
import type { Faults } from "./faults.ts";
import type { Knobs } from "./knobs.ts";
import type { RateWindows } from "./rate.ts";
import type { RequestLog } from "./request-log.ts";
import { type Scope, scopeSchema, scopes } from "./state.ts";
import type { Store } from "./store.ts";

// §1.1: at most 10 redirect URIs, each absolute, under 512 characters, no query, no fragment. The port of
// a loopback URI may be `*`, as TikTok allows for desktop apps.
const redirectUriSchema = z
  .string()
  .max(511)
  .refine(
    (uri) => URL.canParse(uri.replace(/^(http:\/\/(?:localhost|127\.0\.0\.1)):\*/, "$1")),
    "a redirect URI must be absolute",
  )
  .refine((uri) => !/[?#]/.test(uri), "a redirect URI has no query and no fragment");

export const appSchema = z.strictObject({
  clientKey: z.string().min(1),
  clientSecret: z.string().min(1),
  name: z.string().default("Example App"),
  redirectUris: z.array(redirectUriSchema).max(10),
  webhookUrl: z.url({ protocol: /^https?$/ }).nullable(),
  isAudited: z.boolean(),
  /** Scopes approved for the app; asking for another one fails the whole authorization. */
  scopes: z.array(scopeSchema).default([...scopes]),
  /** Set for a TikTok "sandbox" app: only these usernames may log in (§1.3). */
  targetUsers: z.array(z.string()).nullable().default(null),
});
export type App = z.infer<typeof appSchema>;
export type AppInput = z.input<typeof appSchema>;

export type AuthorizationCode = {
  clientKey: string;
  username: string;
  scopes: Scope[];
  redirectUri: string;
  challenge: string | null;
  expiresAtMs: number;
};

/** The running digest of one upload and the line in which its PUTs wait for each other. */
export type UploadRuntime = {
  hash: Hash;
  hashedBytes: number;
  waitingCount: number;
  last: Promise<void>;
};

export type Sandbox = {
  url: string;
  dir: string;
  clock: Clock;
  store: Store;
  knobs: Knobs;
  faults: Faults;
  log: RequestLog;
  windows: RateWindows;
  apps: Map<string, App>;
  codes: Map<string, AuthorizationCode>;
  uploads: Map<string, UploadRuntime>;
  /** One pending wake-up per task, post or delivery, by its id. */
  timers: Map<string, () => void>;
  /** Aborted when the sandbox closes; whatever waits on the network gives up then. */
  closing: AbortController;
};

/** Replaces the wake-up of this id. */
export function wakeAt(sandbox: Sandbox, id: string, atMs: number, run: () => void): void {
  cancelWake(sandbox, id);
  if (sandbox.closing.signal.aborted) return;
  const cancel = sandbox.clock.setTimer(Math.max(0, atMs - sandbox.clock.nowMs()), () => {
    sandbox.timers.delete(id);
    if (!sandbox.closing.signal.aborted) run();
  });
  sandbox.timers.set(id, cancel);
}

export function cancelWake(sandbox: Sandbox, id: string): void {
  sandbox.timers.get(id)?.();
  sandbox.timers.delete(id);
}

export function isAudited(sandbox: Sandbox, app: App): boolean {
  return sandbox.knobs.audited ?? app.isAudited;
}
