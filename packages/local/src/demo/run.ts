/**
 * The main job through the public API: login, creator info, upload, relay, outcome. The program plays a creator who
 * uploads and then only looks.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { PublicationView } from "@clipcast/client";
import { createNodeClient, fileSource } from "@clipcast/client/node";
import type { LocalHost } from "../index.ts";
import { logIn } from "./login.ts";
import { publicPost } from "./post.ts";
import { readTikTokSide, relayTimes } from "./tiktok-side.ts";

export interface DemoHooks {
  say(text: string): void;
  onStored(bytes: number): void;
  onUploaded(seconds: number): void;
  onRelayed(bytes: number): void;
}

export interface DemoReport {
  status: PublicationView["status"];
  bytes: number;
  sha256: { file: string; tiktok: string | null };
  posts: number;
  upload: { seconds: number; mbPerSecond: number };
  relay: { seconds: number; mbPerSecond: number; peakRssMb: number; invocations: number };
  lastPartToLastChunkSeconds: number | null;
}

const lookEveryMs = 250;
/** A killed relay is found within 90 s; the rest is for a slow machine and a large file. */
const patienceMs = 30 * 60_000;

export async function runDemo(
  host: LocalHost,
  input: { path: string; sha256: string; killsRelay: boolean; caption: string },
  hooks: DemoHooks,
): Promise<{ report: DemoReport; publication: PublicationView }> {
  const before = await readTikTokSide(host.sandboxUrl);
  const cookie = await logIn(host);
  const client = createNodeClient({ baseUrl: host.url, headers: { cookie } });
  const { accounts } = await client.api.me();
  const account = accounts[0];
  if (account === undefined) throw new Error("the login brought no account");
  const creator = await client.api.creatorInfo(account.id);
  hooks.say(`Signed in as ${creator.nickname} (@${creator.username})`);

  const source = await fileSource(input.path, { contentType: "video/mp4" });
  const startedMs = performance.now();
  const upload = client.upload(source, {
    accountId: account.id,
    post: publicPost(input.caption),
    consent: { agreed: true, textVersion: "demo" },
  });
  let lastPartAtMs = Date.now();
  let seconds = 0;
  upload.subscribe(({ progress, status }) => {
    hooks.onStored(progress.sentBytes);
    if (status === "completing" && seconds === 0) {
      seconds = (performance.now() - startedMs) / 1000;
      lastPartAtMs = Date.now();
    }
  });
  if (input.killsRelay) killInTheMiddle(host, hooks);
  const { id } = await upload.done;
  hooks.onUploaded(seconds);

  const publication = await follow(id, client.api.status, hooks);
  const side = await readTikTokSide(host.sandboxUrl, before);
  const times = relayTimes(side);
  const relaySeconds = times === null ? 0 : (times.lastMs - times.firstMs) / 1000;
  const stats = host.stats("Relay");
  const rate = (duration: number) => round(source.size / 1e6 / Math.max(duration, 0.001));
  const report: DemoReport = {
    status: publication.status,
    bytes: source.size,
    sha256: { file: input.sha256, tiktok: side.posts[0]?.sha256 ?? null },
    posts: side.posts.length,
    upload: { seconds: round(seconds), mbPerSecond: rate(seconds) },
    relay: {
      seconds: round(relaySeconds),
      mbPerSecond: rate(relaySeconds),
      peakRssMb: round(stats.peakRssBytes / 1e6),
      invocations: stats.invocations,
    },
    lastPartToLastChunkSeconds: times === null ? null : round((times.lastMs - lastPartAtMs) / 1000),
  };
  return { report, publication };
}

/** Kills every relay process once, as soon as the first chunk is confirmed. */
function killInTheMiddle(host: LocalHost, hooks: DemoHooks): void {
  const stop = host.subscribe(({ functionName, line }) => {
    if (functionName !== "Relay" || !line.includes('"event":"chunk"')) return;
    stop();
    const count = host.kill("Relay");
    hooks.say(
      `Killed the relay (${count} process) after its first chunk; the poller will find out.`,
    );
  });
}

async function follow(
  publicationId: string,
  status: (publicationId: string) => Promise<PublicationView>,
  hooks: DemoHooks,
): Promise<PublicationView> {
  const endMs = performance.now() + patienceMs;
  while (performance.now() < endMs) {
    const publication = await status(publicationId);
    hooks.onRelayed(publication.progress.relayedBytes);
    const isWaitingForLink = publication.status === "published" && publication.postUrl === null;
    if (publication.isSettled && !isWaitingForLink) return publication;
    await delay(lookEveryMs);
  }
  throw new Error("the publication did not end in time");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
