/**
 * Everything that the functions may have to do, once: what the API can be asked for, a publication from upload to post,
 * and what only goes wrong. For the latter workers are invoked with messages of our own, on a host that takes none from
 * their queues: a message on its way from an earlier stop would do, now and then, what this one is to show.
 */
import { stat } from "node:fs/promises";
import { createNodeClient, fileSource } from "@clipcast/client/node";
import { expect, vi } from "vitest";
import type { Publication } from "../../../core/src/publications/index.ts";
import { logIn } from "../../src/demo/login.ts";
import { builtInVideo } from "../../src/demo/video.ts";
import type { LocalHost } from "../../src/index.ts";
import { type Ids, openRecords } from "./records.ts";

const patience = { timeout: 60_000, interval: 200 };
const post = {
  mode: "direct",
  title: "A tour",
  privacyLevel: "PUBLIC_TO_EVERYONE",
  allowComment: true,
  allowDuet: false,
  allowStitch: false,
  disclosure: { yourBrand: false, brandedContent: false },
  isAiGenerated: false,
} as const;
const consent = { agreed: true, textVersion: "tour" } as const;

type Client = ReturnType<typeof createNodeClient>;
type Records = ReturnType<typeof openRecords>;
interface Stop {
  host: LocalHost;
  records: Records;
  /** A published one, to make others of. */
  published: Publication;
}

/** One that is published the natural way, by queues and webhooks; and its creator's session. */
export interface Beginning {
  cookie: string;
  publicationId: string;
}

export async function publishNaturally(host: LocalHost): Promise<Beginning> {
  const cookie = await logIn(host);
  const client = createNodeClient({ baseUrl: host.url, headers: { cookie } });
  const publicationId = await untilHeeded(host, "post.publish.complete", () =>
    publish(host, client),
  );
  const records = openRecords(host);
  for (const link of ["RelayQueue", "CheckQueue"]) {
    await untilEmpty(records, String(host.links[link]?.url));
  }
  records.close();
  return { cookie, publicationId };
}

/** `host` has the same state, and only the event source of dead letters. */
export async function takeTour(
  host: LocalHost,
  { cookie, publicationId }: Beginning,
  deadQueueUrl: string,
): Promise<void> {
  const records = openRecords(host);
  try {
    const client = createNodeClient({ baseUrl: host.url, headers: { cookie } });
    const stop = { host, records, published: await records.find(publicationId) };
    await useApi(stop, client);
    await relayAll(stop);
    await checkAll(stop);
    await pollAll(stop);
    await giveUp(stop, deadQueueUrl);
    await failToRenew(stop, client);
    await disconnectAtTikTok(host);
    await client.api.logout();
  } finally {
    records.close();
  }
}

/** With one chunk that TikTok does not take at first. */
async function publish(host: LocalHost, client: Client): Promise<string> {
  host.sandbox.addFault({ operation: "upload", kind: "status", status: 503 });
  const { accounts } = await client.api.me();
  const accountId = accounts[0]?.id ?? "";
  await client.api.creatorInfo(accountId);
  await client.api.refresh(accountId);
  const source = await fileSource(builtInVideo, { contentType: "video/mp4" });
  const { id } = await client.upload(source, { accountId, post, consent }).done;
  await vi.waitFor(async () => {
    expect((await client.api.status(id)).status).toBe("published");
  }, patience);
  await client.api.list();
  return id;
}

/** What only the API does, or the API as well. */
async function useApi({ host, records, published }: Stop, client: Client): Promise<void> {
  await fetch(`${host.url}/api/health`);
  const { size } = await stat(builtInVideo);
  const file = { name: "tour.mp4", bytes: size, contentType: "video/mp4" };
  const accountId = published.openId;
  const { publication } = await client.api.uploadInit({ accountId, file, post, consent });
  await client.api.parts(publication.id);
  await client.api.cancel(publication.id);
  // TikTok has all of it, and who cancels is told by a check.
  const atTikTok = await records.add(published, { status: "processing", task: null });
  await client.api.cancel(atTikTok.publicationId);
}

async function relayAll({ host, records, published }: Stop): Promise<void> {
  const queued = { status: "queued", task: null } as const;
  await records.age(published);
  await invoke(host, "Relay", await records.add(published, queued));
  const leaving = { status: "relaying", task: null, cancelRequestedAtMs: 1 } as const;
  await invoke(host, "Relay", await records.add(published, leaving));
  await invoke(host, "Relay", await records.add(published, queued, { hasVideo: false }));
  // It opens the upload URL of its predecessor. That leads nowhere here, and TikTok says that it has the video.
  const uploadUrl = `${host.sandboxUrl}/upload/of-another-time`;
  const begun = { status: "relaying" } as const;
  await invoke(host, "Relay", await records.add(published, begun, { uploadUrl }));
  // Comes back later, by a message to itself.
  host.sandbox.addFault({ operation: "init", kind: "status", status: 503 });
  await invoke(host, "Relay", await records.add(published, queued));
}

async function checkAll({ host, records, published }: Stop): Promise<void> {
  await records.age(published);
  await invoke(host, "Check", await records.add(published, { status: "processing" }));
  await invoke(host, "Check", await stillProcessing({ host, records, published }));
}

async function pollAll({ host, records, published }: Stop): Promise<void> {
  await records.age(published);
  const due = { dueAtMs: 1 };
  await records.add(published, { status: "processing", ...due });
  await records.add(published, { status: "queued", task: null, ...due });
  await stillProcessing({ host, records, published }, due);
  expect((await host.invoke("Poller", {})).functionError).toBeNull();
}

/** A task that TikTok does not know yet is one to ask about again. */
async function stillProcessing(stop: Stop, change: Partial<Publication> = {}): Promise<Ids> {
  const { records, published } = stop;
  if (published.task === null) throw new Error("a published video has had a task");
  const task = { ...published.task, publishId: "v_pub_file~v2-1.1" };
  const history = [{ atMs: Date.now(), status: "processing" as const }];
  return records.add(published, { status: "processing", checks: 0, task, history, ...change });
}

/** Its last chunk may have arrived, so that nobody may try again. */
async function giveUp({ host, records, published }: Stop, deadQueueUrl: string): Promise<void> {
  const { task } = published;
  if (task === null) throw new Error("a published video has had a task");
  const stuck = { status: "relaying", task: { ...task, confirmedBytes: 0 } } as const;
  const before = host.stats("RelayDead").invocations;
  await records.send(deadQueueUrl, await records.add(published, stuck));
  await vi.waitFor(() => {
    expect(host.stats("RelayDead").invocations).toBeGreaterThan(before);
  }, patience);
  await untilEmpty(records, deadQueueUrl);
}

async function untilEmpty(records: Records, queueUrl: string): Promise<void> {
  await vi.waitFor(async () => expect(await records.messageCount(queueUrl)).toBe(0), patience);
}

async function failToRenew({ host, records, published }: Stop, client: Client): Promise<void> {
  await records.age(published);
  const fault = { operation: "token", kind: "status", status: 503, times: null } as const;
  host.sandbox.addFault(fault);
  await client.api.creatorInfo(published.openId).catch(() => undefined);
  host.sandbox.clearFaults();
}

/** TikTok says so by a webhook. */
async function disconnectAtTikTok(host: LocalHost): Promise<void> {
  await untilHeeded(host, "authorization.removed", () =>
    fetch(`${host.sandboxUrl}/sandbox/api/disconnect`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ creator: "demo.creator" }),
    }),
  );
}

/** Resolves when the invocation that was told of the webhook has been reported: all of its calls are made then. */
async function untilHeeded<T>(host: LocalHost, hook: string, act: () => Promise<T>): Promise<T> {
  const heeded = Promise.withResolvers<void>();
  let requestId: string | undefined;
  const stopListening = host.subscribe(({ line }) => {
    if (line.includes(`"hook":"${hook}"`)) requestId = /"requestId":"([^"]+)"/.exec(line)?.[1];
    if (requestId !== undefined && line.startsWith(`REPORT RequestId: ${requestId}`)) {
      heeded.resolve();
    }
  });
  const answer = await act();
  await heeded.promise;
  stopListening();
  return answer;
}

async function invoke(host: LocalHost, functionName: string, ids: Ids): Promise<void> {
  const message = functionName === "Check" ? { ...ids, check: 0 } : ids;
  const attributes = { ApproximateReceiveCount: "5" };
  const record = { messageId: "tour", body: JSON.stringify(message), attributes };
  const { functionError, payload } = await host.invoke(functionName, { Records: [record] });
  expect({ functionError, payload }).toEqual({
    functionError: null,
    payload: { batchItemFailures: [] },
  });
}
