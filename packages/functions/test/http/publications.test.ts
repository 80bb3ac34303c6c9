/** Status, cancel and list: truthful at every state of a publication. */
import { videoBytes } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { listResponse, type PublicationView, publicationResponse } from "../../src/contract.ts";
import { type Browser, expectProblem, read } from "../browser.ts";
import { beginUpload, connected, onePart, openId, statusOf, uploaded } from "../creator.ts";
import { createHarness, type Harness, tiktokOrigin, unchanged } from "../harness.ts";

const cancel = (browser: Browser, publicationId: string) =>
  browser.post("/api/tiktok/publish-cancel", { publicationId });
const list = (browser: Browser, query = "") => browser.get(`/api/publications${query}`);

async function queued(harness = createHarness()) {
  const browser = await connected(harness);
  const { id } = await uploaded(harness, browser);
  return { harness, browser, id };
}

/** All bytes are at TikTok, which has not said yet what it makes of them. */
async function processing() {
  const place = await queued();
  await place.harness.deliverRelays();
  expect((await statusOf(place.browser, place.id)).status).toBe("processing");
  return place;
}

async function settled(outcome: Parameters<Harness["tiktok"]["finish"]>[1]) {
  const place = await processing();
  const [task] = place.harness.tiktok.tasks;
  if (task) place.harness.tiktok.finish(task, outcome);
  await place.harness.deliverChecks();
  return place;
}

/** Bytes are on their way: the relay holds the publication but TikTok takes no piece for now. */
async function relaying() {
  const place = await queued();
  for (let tries = 0; tries < 4; tries += 1) {
    place.harness.tiktok.chunkScript.push({ type: "unknown", reason: "502" });
  }
  await place.harness.deliverRelays();
  return place;
}

describe("upload-status", () => {
  it("tells both legs and the history from begin to post", async () => {
    const { harness, browser, id } = await processing();
    const delivered = await statusOf(browser, id);
    expect(delivered.progress).toEqual({
      storedBytes: onePart.length,
      relayedBytes: onePart.length,
      totalBytes: onePart.length,
    });
    // The account is known from the beginning, the post once it is there.
    expect(delivered.profileUrl).toBe(`${tiktokOrigin}/@demo.creator`);
    expect(delivered.postUrl).toBeNull();

    const [task] = harness.tiktok.tasks;
    if (task) harness.tiktok.finish(task, { stage: "published", postIds: ["7600000000000000001"] });
    await harness.deliverChecks();

    const published = await statusOf(browser, id);
    expect(published).toMatchObject({ status: "published", isSettled: true, failure: null });
    expect(published.postUrl).toBe(`${tiktokOrigin}/@demo.creator/video/7600000000000000001`);
    expect(published.profileUrl).toBe(`${tiktokOrigin}/@demo.creator`);
    expect(published.history.map(({ status }) => status)).toEqual([
      "uploading",
      "queued",
      "relaying",
      "processing",
      "published",
    ]);
  });

  it("says in a sentence why it failed and what to do", async () => {
    const { browser, id } = await settled({
      stage: "failed",
      failReason: "frame_rate_check_failed",
    });
    const { failure, isSettled } = await statusOf(browser, id);
    expect(isSettled).toBe(true);
    expect(failure).toEqual({
      code: "frame_rate_check_failed",
      message: "The video's frame rate must be between 23 and 60 per second.",
      isRetryable: false,
    });
  });

  it("answers also when the upload ends while it looks", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    const { publication } = await beginUpload(browser, onePart);
    const { get } = harness.deps.table;
    let reads = 0;
    harness.deps.table.get = async (key) => {
      const row = await get(key);
      if (!key.sk.startsWith("PUBLICATION#")) return row;
      reads += 1;
      if (reads === 1) {
        harness.deps.table.get = get;
        await cancel(browser, publication.id);
      }
      return row;
    };
    expect((await statusOf(browser, publication.id)).status).toBe("cancelled");
    expect(reads).toBe(1);
  });
});

describe("publish-cancel", () => {
  const atOnce: [string, () => Promise<{ harness: Harness; browser: Browser; id: string }>][] = [
    [
      "uploading",
      async () => {
        const harness = createHarness();
        const browser = await connected(harness);
        const { publication } = await beginUpload(browser, onePart);
        return { harness, browser, id: publication.id };
      },
    ],
    ["queued", queued],
  ];
  it.each(atOnce)("ends one that is %s at once and empties storage", async (status, arrive) => {
    const { harness, browser, id } = await arrive();
    expect((await statusOf(browser, id)).status).toBe(status);
    const { publication } = read(await cancel(browser, id), publicationResponse);
    expect(publication).toMatchObject({ status: "cancelled", isSettled: true });
    expect(harness.deps.storage.objects()).toEqual([]);
    expect(harness.deps.storage.openUploads()).toBe(0);

    await harness.deliverRelays();
    expect(harness.tiktok.tasks).toEqual([]);
  });

  it("asks the relay of one that is relaying, which then stops without a post", async () => {
    const { harness, browser, id } = await relaying();
    for (const _repeat of [1, 2]) {
      const { publication } = read(await cancel(browser, id), publicationResponse);
      expect(publication).toMatchObject({ status: "relaying", isCancelRequested: true });
    }
    await harness.clock.advance(60_000);
    await harness.deliverRelays();
    expect((await statusOf(browser, id)).status).toBe("cancelled");
    expect(harness.tiktok.tasks[0]?.receivedBytes).toBe(0);
  });

  it("refuses one that TikTok is processing and no longer lets go of", async () => {
    const { harness, browser, id } = await processing();
    const answer = await unchanged(harness, () => cancel(browser, id));
    expectProblem(answer, 409, "not_cancellable");
  });

  it("waits for TikTok's word where TikTok accepts the cancellation", async () => {
    const { harness, browser, id } = await processing();
    const [task] = harness.tiktok.tasks;
    harness.deps.tiktok.cancel = async () => {
      const cancelled = { stage: "failed", failReason: "publish_cancelled" } as const;
      if (task) harness.tiktok.finish(task, cancelled);
    };
    const { publication } = read(await cancel(browser, id), publicationResponse);
    expect(publication).toMatchObject({ status: "processing", isCancelRequested: true });
    await harness.deliverChecks();
    expect((await statusOf(browser, id)).status).toBe("cancelled");
  });

  const ends: [PublicationView["status"], () => ReturnType<typeof queued>][] = [
    ["published", () => settled({ stage: "published", postIds: ["1"] })],
    ["in_inbox", () => settled({ stage: "in_inbox" })],
    ["failed", () => settled({ stage: "failed", failReason: "spam_risk" })],
    [
      "cancelled",
      async () => {
        const place = await queued();
        await cancel(place.browser, place.id);
        return place;
      },
    ],
  ];
  it.each(ends)("refuses one that is %s", async (status, arrive) => {
    const { harness, browser, id } = await arrive();
    expect((await statusOf(browser, id)).status).toBe(status);
    const answer = await unchanged(harness, () => cancel(browser, id));
    expectProblem(answer, 409, "not_cancellable");
  });
});

describe("the list", () => {
  /** Begun a second apart, newest last. */
  async function withUploads(count: number, harness = createHarness(), account = openId) {
    const browser = await connected(harness, account);
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) {
      await harness.clock.advance(1_000);
      const { publication } = await beginUpload(browser, videoBytes(1_000 + n), account);
      ids.push(publication.id);
    }
    return { harness, browser, ids };
  }

  it("walks all pages, newest first, each publication once", async () => {
    const { browser, ids } = await withUploads(7);
    const seen: string[] = [];
    let query = "?limit=3";
    for (let page = 0; page < 4 && query !== ""; page += 1) {
      const { publications, nextCursor } = read(await list(browser, query), listResponse);
      expect(publications.length).toBeLessThanOrEqual(3);
      seen.push(...publications.map(({ id }) => id));
      query = nextCursor === null ? "" : `?limit=3&cursor=${nextCursor}`;
    }
    expect(query).toBe("");
    expect(seen).toEqual(ids.toReversed());
  });

  it("has 20 rows unless asked otherwise, and none for a new user", async () => {
    const { harness, browser } = await withUploads(21);
    const page = read(await list(browser), listResponse);
    expect(page.publications).toHaveLength(20);
    const newcomer = await connected(harness, "-000new");
    const empty = { publications: [], nextCursor: null };
    expect(read(await list(newcomer), listResponse)).toEqual(empty);
  });

  it("shows with another user's cursor nothing but its own rows", async () => {
    const { harness, ids } = await withUploads(2);
    const other = await withUploads(2, harness, "-000other");
    for (const cursor of [...ids, "f".repeat(32), "0"]) {
      const page = read(await list(other.browser, `?cursor=${cursor}`), listResponse);
      for (const { id } of page.publications) expect(other.ids).toContain(id);
    }
    const after = read(await list(other.browser, `?cursor=${ids[1]}`), listResponse);
    expect(after.publications).toEqual([]);
  });

  const refused = [
    "limit=0",
    "limit=-1",
    "limit=51",
    "limit=1.5",
    "limit=ten",
    "limit=",
    "cursor=",
    "cursor=../x",
    "cursor=PUBLICATION%23",
    `cursor=${encodeURIComponent("影".repeat(400))}`,
    `cursor=${"a".repeat(65)}`,
    "offset=3",
  ];
  it.each(refused)("refuses ?%s", async (query) => {
    const harness = createHarness();
    const browser = await connected(harness);
    const answer = await unchanged(harness, () => list(browser, `?${query}`));
    const { errors } = expectProblem(answer, 400, "invalid_request");
    expect(errors).toHaveLength(1);
  });

  it.each([1, 50])("takes a limit of %i", async (limit) => {
    const browser = await connected(createHarness());
    expect((await list(browser, `?limit=${limit}`)).status).toBe(200);
  });
});

describe("publish-retry", () => {
  const retry = (browser: Browser, publicationId: string) =>
    browser.post("/api/tiktok/publish-retry", { publicationId });

  it("begins another attempt with the stored video", async () => {
    const { harness, browser, id } = await queued();
    harness.tiktok.refuseNext("init", "privacy_level_option_mismatch");
    await harness.deliverRelays();
    expect(await statusOf(browser, id)).toMatchObject({ status: "failed", canRetry: true });

    const { publication } = read(await retry(browser, id), publicationResponse);
    expect(publication).toMatchObject({ status: "queued", canRetry: false, failure: null });
    await harness.deliverRelays();
    expect((await statusOf(browser, id)).status).toBe("processing");
  });

  it("refuses what is under way, what has ended well and what cannot be helped", async () => {
    const { harness, browser, id } = await queued();
    const early = await unchanged(harness, () => retry(browser, id));
    expectProblem(early, 409, "not_retryable");

    harness.tiktok.refuseNext("init", "spam_risk");
    await harness.deliverRelays();
    expect((await statusOf(browser, id)).canRetry).toBe(false);
    expectProblem(await unchanged(harness, () => retry(browser, id)), 409, "not_retryable");

    const published = await settled({ stage: "published", postIds: ["1"] });
    const late = await unchanged(published.harness, () => retry(published.browser, published.id));
    expectProblem(late, 409, "not_retryable");
  });
});
