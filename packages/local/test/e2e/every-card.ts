/**
 * A history with a card of every kind: what only TikTok or time can bring about, such as a daily limit or a long
 * processing, is laid over the answers of the real backend, and uploads are those of a second tab that says how they are.
 * Nothing on it moves, so that it can be looked at for as long as that takes.
 */
import type { PublicationView } from "@clipcast/client";
import type { Page } from "playwright-core";
import { cardShowing } from "./steps.ts";

type Change = Partial<PublicationView>;

export async function showEveryCard(page: Page): Promise<void> {
  const nowMs = Date.now();
  const uploads = uploadsOfAnotherTab.map(({ title, look }, index) => ({
    view: viewOf(title, { createdAtMs: nowMs - (100 + index) * 60_000, ...underWay }),
    look,
  }));
  const waiting = viewOf(unclear, { createdAtMs: nowMs - 200 * 60_000, ...underWay });
  const lost = viewOf("Never finished", { createdAtMs: nowMs - 210 * 60_000, ...underWay });
  const views = [...settledAndSent(nowMs), ...uploads.map(({ view }) => view), waiting, lost];
  const looks = uploads.map(({ view, look }) => ({ publicationId: view.id, look }));

  const context = page.context();
  await context.route("**/api/publications*", (route) =>
    route.fulfill({ json: { publications: views, nextCursor: "0a" } }),
  );
  await context.route("**/api/tiktok/upload-status", async (route) => {
    const { publicationId } = route.request().postDataJSON() as { publicationId: string };
    const publication = views.find(({ id }) => id === publicationId);
    await route.fulfill({ json: { publication } });
  });
  await leaveUnanswered(page, waiting.id);
  await openSecondTab(page, looks);
  await page.reload();
  await cardShowing(page, "relaying", "Lighthouse");
}

/** A file that all of them have. */
const bytes = 240_000_000;
const underWay: Change = {
  status: "uploading",
  isSettled: false,
  progress: { storedBytes: 0.3 * bytes, relayedBytes: 0, totalBytes: bytes },
};
const unclear = "Buoys, being looked for";

function viewOf(title: string, change: Change): PublicationView {
  const totalBytes = change.file?.bytes ?? bytes;
  return {
    id: title.toLowerCase().replaceAll(/[^a-z]/g, ""),
    accountId: "account",
    status: "published",
    isSettled: true,
    file: fileOf(`${/^\w+/.exec(title)?.[0].toLowerCase()}.mp4`, totalBytes),
    post: {
      mode: "direct",
      title,
      privacyLevel: "PUBLIC_TO_EVERYONE",
      allowComment: true,
      allowDuet: false,
      allowStitch: false,
      disclosure: { yourBrand: false, brandedContent: false },
      isAiGenerated: false,
    },
    createdAtMs: 0,
    updatedAtMs: 0,
    progress: { storedBytes: totalBytes, relayedBytes: 0, totalBytes },
    waiting: null,
    failure: null,
    canRetry: false,
    isCancelRequested: false,
    postUrl: null,
    profileUrl: null,
    history: [],
    ...change,
  };
}

function fileOf(name: string, fileBytes: number): PublicationView["file"] {
  return { name, bytes: fileBytes, contentType: "video/mp4" };
}

function settledAndSent(nowMs: number): PublicationView[] {
  const sent = { isSettled: false };
  const all: [title: string, minutesAgo: number, change: Change][] = [
    [
      "Lighthouse, uncut: the whole night",
      1,
      {
        ...sent,
        status: "relaying",
        file: fileOf("lighthouse.mp4", 3.9e9),
        progress: { storedBytes: 3.9e9, relayedBytes: 1.6e9, totalBytes: 3.9e9 },
      },
    ],
    ["Ferries #harbour", 4, { ...sent, status: "processing" }],
    [
      "Gulls at noon",
      9,
      {
        ...sent,
        status: "queued",
        waiting: {
          reason: "TikTok allows this account no more posts today.",
          untilMs: nowMs + 20 * 3_600_000,
        },
      },
    ],
    [
      "Fog over the pier",
      35,
      {
        status: "failed",
        canRetry: true,
        failure: {
          code: "frame_rate",
          message: "TikTok could not read the video’s frame rate. Try again, or export it anew.",
          isRetryable: true,
        },
      },
    ],
    ["Harbour at dawn #slowtv", 60, { postUrl: "https://www.tiktok.com/@demo" }],
    ["Rehearsal", 90, { status: "cancelled" }],
    ["Nets and ropes", 92, { ...sent, status: "queued" }],
    ["Moorings", 94, { ...sent, status: "processing", isCancelRequested: true }],
    ["Low tide", 96, { status: "in_inbox", post: { mode: "inbox" } }],
  ];
  return all.map(([title, minutesAgo, change]) =>
    viewOf(title, { createdAtMs: nowMs - minutesAgo * 60_000, updatedAtMs: nowMs, ...change }),
  );
}

const moving = {
  status: "uploading",
  held: null,
  sentBytes: 0.4 * bytes,
  confirmedBytes: 0.3 * bytes,
  pace: { bytesPerSecond: 12_000_000, secondsLeft: 12 },
  failure: null,
};
const still = { ...moving, pace: null };
const uploadsOfAnotherTab = [
  { title: "Sails, going up", look: moving },
  { title: "Anchors, stopped by hand", look: { ...still, status: "paused" } },
  { title: "Tides, without a line", look: { ...still, held: "offline" } },
  { title: "Storms, on a bad line", look: { ...still, held: "retrying" } },
  { title: "Keys, without a session", look: { ...still, held: "session_expired" } },
  {
    title: "Wrecks, given up",
    look: {
      ...still,
      status: "failed",
      failure: { sentence: "The connection failed for too long.", remedy: "retry" },
    },
  },
];

/** It holds the claims of these uploads, and tells whoever arrives how they are, as the page's own tabs do. */
async function openSecondTab(page: Page, looks: { publicationId: string; look: object }[]) {
  const other = await page.context().newPage();
  // A document of the same origin on which nothing runs.
  await other.goto(new URL("/favicon.svg", page.url()).href);
  await other.evaluate(async (known) => {
    const hold = (publicationId: string) =>
      new Promise<void>((taken) => {
        const forEver = () => new Promise(() => taken());
        void navigator.locks.request(`clipcast upload ${publicationId}`, forEver);
      });
    for (const { publicationId } of known) await hold(publicationId);
    const channel = new BroadcastChannel("clipcast");
    channel.onmessage = ({ data }) => {
      const { type, userId } = data.message;
      if (type !== "hello") return;
      for (const look of known) {
        channel.postMessage({ version: 1, message: { type: "look", userId, ...look } });
      }
    };
    // Referenced from the document: an unreachable channel may be collected.
    Object.assign(globalThis, { channel });
  }, looks);
}

/** Who uploads this one is asked, and the browser never says. */
async function leaveUnanswered(page: Page, publicationId: string): Promise<void> {
  await page.addInitScript((unanswered) => {
    const request = LockManager.prototype.request as (...rest: unknown[]) => Promise<unknown>;
    Object.assign(LockManager.prototype, {
      request(this: LockManager, name: string, ...rest: unknown[]) {
        if (name.endsWith(unanswered)) return new Promise(() => {});
        return request.call(this, name, ...rest);
      },
    });
  }, publicationId);
}
