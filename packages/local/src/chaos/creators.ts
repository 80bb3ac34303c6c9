/** Creators of a run: each an account at the sandbox and a session of its own with us. */
import type { Client } from "@clipcast/client";
import { createNodeClient } from "@clipcast/client/node";
import { logIn } from "../demo/login.ts";

export interface Creator {
  username: string;
  client: Client;
  accountId: string;
}

/** `place` must not change where pages and sandbox are. */
export async function connectCreators(
  place: { url: string; sandboxUrl: string },
  count: number,
): Promise<Creator[]> {
  const creators: Creator[] = [];
  for (let n = 0; n < count; n += 1) {
    const username = `chaos.creator.${n}`;
    const made = await fetch(`${place.sandboxUrl}/sandbox/api/creators`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username }),
    });
    if (!made.ok) throw new Error(`the sandbox refused ${username}: ${made.status}`);
    const cookie = await logIn({ ...place, creator: username });
    const client = createNodeClient({ baseUrl: place.url, headers: { cookie } });
    const { accounts } = await client.api.me();
    const account = accounts[0];
    if (account === undefined) throw new Error("the login brought no account");
    creators.push({ username, client, accountId: account.id });
  }
  return creators;
}
