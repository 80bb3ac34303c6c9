/**
 * A history with one card of each kind that the backend can tell of: what only TikTok or time can bring about, such as a
 * daily limit or a long processing, is laid over the answers of the real one.
 */
import type { Page } from "playwright-core";
import { cardShowing } from "./steps.ts";

export async function showEveryCard(page: Page): Promise<void> {
  const nowMs = Date.now();
  const file = (name: string, bytes: number) => ({ name, bytes, contentType: "video/mp4" });
  const view = (title: string, minutesAgo: number, bytes: number, change: object) => ({
    id: title.toLowerCase().replaceAll(/[^a-z]/g, ""),
    accountId: "account",
    status: "published",
    isSettled: true,
    file: file(`${title.split(" ")[0]?.toLowerCase()}.mp4`, bytes),
    post: { mode: "direct", title, privacyLevel: "PUBLIC_TO_EVERYONE" },
    createdAtMs: nowMs - minutesAgo * 60_000,
    updatedAtMs: nowMs,
    progress: { storedBytes: bytes, relayedBytes: 0, totalBytes: bytes },
    waiting: null,
    failure: null,
    canRetry: false,
    isCancelRequested: false,
    postUrl: null,
    profileUrl: null,
    history: [],
    ...change,
  });
  const under = { isSettled: false };
  const views = [
    view("Lighthouse, uncut: the whole night", 1, 3_900_000_000, {
      ...under,
      status: "relaying",
      progress: { storedBytes: 3.9e9, relayedBytes: 1.6e9, totalBytes: 3.9e9 },
    }),
    view("Ferries #harbour", 4, 812_000_000, { ...under, status: "processing" }),
    view("Gulls at noon", 9, 240_000_000, {
      ...under,
      status: "queued",
      waiting: {
        reason: "TikTok allows this account no more posts today.",
        untilMs: nowMs + 20 * 3_600_000,
      },
    }),
    view("Fog over the pier", 35, 96_000_000, {
      status: "failed",
      canRetry: true,
      failure: {
        code: "frame_rate",
        message: "TikTok could not read the video’s frame rate. Try again, or export it anew.",
        isRetryable: true,
      },
    }),
    view("Harbour at dawn #slowtv", 60, 42_000_000, { postUrl: "https://www.tiktok.com/@demo" }),
    view("Rehearsal", 90, 18_000_000, { status: "cancelled" }),
  ];
  await page
    .context()
    .route("**/api/publications*", (route) =>
      route.fulfill({ json: { publications: views, nextCursor: "0a" } }),
    );
  await page.context().route("**/api/tiktok/upload-status", async (route) => {
    const { publicationId } = route.request().postDataJSON() as { publicationId: string };
    const publication = views.find(({ id }) => id === publicationId);
    await route.fulfill({ json: { publication } });
  });
  await page.reload();
  await cardShowing(page, "relaying", "Lighthouse");
}
