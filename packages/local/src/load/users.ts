/** Users of a load run, each with several TikTok accounts, whose uploads pass a turnstile before they are submitted. */
import type { Client } from "@clipcast/client";
import { createNodeClient } from "@clipcast/client/node";
import { logIn } from "../demo/login.ts";
import { inLanes } from "./lanes.ts";
import type { Turnstile } from "./turnstile.ts";

export interface User {
  client: Client;
  accountIds: string[];
  /** At the sandbox. */
  usernames: string[];
}

const loginsAtOnce = 8;
/** Longer than a turnstile stays closed: a call that waits there has not failed. */
const callTimeoutMs = 3 * 3_600_000;
const completePath = "/api/tiktok/upload-complete";

export interface UsersOptions {
  place: { url: string; sandboxUrl: string };
  /** Begins the usernames. */
  name: string;
  count: number;
  accountsEach: number;
  turnstile: Turnstile;
}

export function connectUsers(options: UsersOptions): Promise<User[]> {
  const names = Array.from({ length: options.count }, (_, n) => `${options.name}.${n}`);
  return inLanes(names, loginsAtOnce, (name) => connectUser(options, name));
}

async function connectUser(options: UsersOptions, name: string): Promise<User> {
  const { place, accountsEach } = options;
  const usernames = Array.from({ length: accountsEach }, (_, n) => `${name}.${n}`);
  let session: string | null = null;
  for (const creator of usernames) {
    await addCreator(place.sandboxUrl, creator);
    session = await logIn({ ...place, creator, ...(session === null ? {} : { session }) });
  }
  const client = createNodeClient({
    baseUrl: place.url,
    headers: { cookie: session ?? "" },
    timeoutMs: callTimeoutMs,
    fetch: (input, init) => {
      const call = () => fetch(input, init);
      if (!String(input).endsWith(completePath)) return call();
      return options.turnstile.through(idIn(init?.body), call);
    },
  });
  const { accounts } = await client.api.me();
  if (accounts.length !== accountsEach) {
    throw new Error(`${name} has ${accounts.length} of ${accountsEach} accounts`);
  }
  return { client, accountIds: accounts.map(({ id }) => id), usernames };
}

async function addCreator(sandboxUrl: string, username: string): Promise<void> {
  const made = await fetch(`${sandboxUrl}/sandbox/api/creators`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username }),
  });
  if (!made.ok) throw new Error(`the sandbox refused ${username}: ${made.status}`);
}

function idIn(body: unknown): string {
  const parsed: unknown = typeof body === "string" ? JSON.parse(body) : null;
  const hasId = typeof parsed === "object" && parsed !== null && "publicationId" in parsed;
  return hasId ? String(parsed.publicationId) : "";
}
