/** One publication as a creator's page brings it about: sign in, look, upload, follow until it is out. */
import { setTimeout as delay } from "node:timers/promises";
import { createNodeClient, fileSource } from "@clipcast/client/node";
import type { LocalHost } from "@clipcast/local";
import { logIn } from "../../packages/local/src/demo/login.ts";
import { goal } from "../upload/goal.ts";

const patienceMs = 10 * 60_000;
/** What the outcome sets off, such as emptying storage, ends within this. */
const restMs = 2_000;

export async function publish(host: LocalHost, path: string): Promise<void> {
  const cookie = await logIn(host);
  const client = createNodeClient({ baseUrl: host.url, headers: { cookie } });
  const session = await client.api.session();
  const account = session.isSignedIn ? session.me.accounts[0] : undefined;
  if (account === undefined) throw new Error("the login brought no account");
  const accountId = account.id;
  await client.api.list();
  await client.api.creatorInfo(accountId);
  const { contentType, ...rest } = goal;
  const source = await fileSource(path, { contentType });
  const { id } = await client.upload(source, { ...rest, accountId }).done;
  const signal = AbortSignal.timeout(patienceMs);
  for await (const { isSettled, status } of client.watch(id, { signal })) {
    if (isSettled && status !== "published") throw new Error(`the publication ended as ${status}`);
    if (isSettled) break;
  }
  await delay(restMs);
}
