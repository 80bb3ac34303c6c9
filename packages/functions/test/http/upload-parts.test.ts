/** Signing, resuming and completing: storage's word counts, and a complete upload takes nothing more. */
import { crc32Of } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import {
  partsResponse,
  publicationResponse,
  signBatchMax,
  signResponse,
} from "../../src/contract.ts";
import { type Browser, expectProblem, read } from "../browser.ts";
import {
  beginUpload,
  connected,
  onePart,
  putParts,
  statusOf,
  twoParts,
  uploaded,
} from "../creator.ts";
import { createHarness, unchanged } from "../harness.ts";

const mebibyte = 1024 * 1024;

const signAny = (browser: Browser, publicationId: string, asked: unknown) =>
  browser.call("PUT", "/api/tiktok/upload-chunk", { body: { publicationId, parts: asked } });
const sign = (browser: Browser, publicationId: string, partNumbers: unknown[]) =>
  signAny(
    browser,
    publicationId,
    partNumbers.map((partNumber) => ({ partNumber, crc32: "AAAAAA==" })),
  );
const parts = (browser: Browser, publicationId: string) =>
  browser.post("/api/tiktok/upload-parts", { publicationId });
const complete = (browser: Browser, publicationId: string) =>
  browser.post("/api/tiktok/upload-complete", { publicationId });

async function begun() {
  const harness = createHarness();
  const browser = await connected(harness);
  const upload = await beginUpload(browser, twoParts);
  return { harness, browser, upload, id: upload.publication.id };
}

/** What a client that sends other bytes than it was given to sign could do at a lenient storage. */
async function putWrongSize(harness: ReturnType<typeof createHarness>, url: string) {
  const wrong = new URL(url);
  wrong.searchParams.set("bytes", "5");
  const crc32 = crc32Of(Buffer.alloc(5));
  wrong.searchParams.set("crc32", crc32);
  const headers = { "x-amz-checksum-crc32": crc32 };
  await harness.deps.storage.putPart({ url: wrong.href, headers }, Buffer.alloc(5));
}

describe("upload-chunk", () => {
  it("signs the named parts of the plan again", async () => {
    const { harness, browser, id } = await begun();
    await harness.clock.advance(600_000);
    const signed = read(await sign(browser, id, [2]), signResponse);
    expect(signed.parts).toEqual([
      {
        partNumber: 2,
        url: expect.stringContaining("part=2"),
        headers: { "x-amz-checksum-crc32": "AAAAAA==" },
        firstByte: 8 * mebibyte,
        bytes: mebibyte,
        expiresAtMs: harness.clock.nowMs() + 900_000,
      },
    ]);
  });

  it.each([[[3]], [[1, 3]], [[0]], [[-1]], [[1.5]], [["1"]], [[]]])(
    "refuses the parts %j of a plan of two",
    async (partNumbers) => {
      const { harness, browser, id } = await begun();
      const answer = await unchanged(harness, () => sign(browser, id, partNumbers));
      expectProblem(answer, 400, "invalid_request");
    },
  );

  it.each([
    "1",
    [1],
    [{ partNumber: 1 }],
    ...["", "AAAA", "AAAAAAAA", "AAAAAA=", " AAAAAA==", "\r\nAAAA=="].map((crc32) => [
      { partNumber: 1, crc32 },
    ]),
  ])("refuses %j, which says no checksum", async (asked) => {
    const { harness, browser, id } = await begun();
    const answer = await unchanged(harness, () => signAny(browser, id, asked));
    expectProblem(answer, 400, "invalid_request");
  });

  it("refuses more parts at once than a batch", async () => {
    const { harness, browser, id } = await begun();
    const numbers = Array.from({ length: signBatchMax + 1 }, () => 1);
    const answer = await unchanged(harness, () => sign(browser, id, numbers));
    expectProblem(answer, 400, "invalid_request");
    expect((await sign(browser, id, numbers.slice(1))).status).toBe(200);
  });

  it("refuses after complete and after cancel", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    const { id: completed } = await uploaded(harness, browser);
    const { publication } = await beginUpload(browser, onePart);
    await browser.post("/api/tiktok/publish-cancel", { publicationId: publication.id });
    for (const id of [completed, publication.id]) {
      for (const ask of [sign, parts]) {
        const answer = await unchanged(harness, () => ask(browser, id, [1]));
        expectProblem(answer, 409, "not_uploading");
      }
    }
  });
});

describe("upload-parts", () => {
  it("lists what storage has, for a client that resumes", async () => {
    const { harness, browser, upload, id } = await begun();
    const plan = { partBytes: 8 * mebibyte, partCount: 2 };
    expect(read(await parts(browser, id), partsResponse)).toEqual({ ...plan, parts: [] });

    const [, second] = upload.upload.parts;
    const rest = twoParts.subarray(8 * mebibyte);
    if (second) await harness.deps.storage.putPart(second, rest);

    const listed = [{ partNumber: 2, bytes: mebibyte, crc32: crc32Of(rest) }];
    expect(read(await parts(browser, id), partsResponse)).toEqual({ ...plan, parts: listed });
    expect((await statusOf(browser, id)).progress.storedBytes).toBe(mebibyte);
  });

  it("leaves out a part of a wrong size, so that it is sent again", async () => {
    const { harness, browser, upload, id } = await begun();
    await putWrongSize(harness, upload.upload.parts[0]?.url ?? "");
    expect(read(await parts(browser, id), partsResponse).parts).toEqual([]);
    expect((await statusOf(browser, id)).progress.storedBytes).toBe(0);
  });
});

describe("upload-complete", () => {
  it("joins the parts, queues one relay and counts all bytes as stored", async () => {
    const { harness, browser, upload, id } = await begun();
    await putParts(harness, upload, twoParts);
    const { publication } = read(await complete(browser, id), publicationResponse);
    expect(publication.status).toBe("queued");
    expect(publication.progress.storedBytes).toBe(twoParts.length);
    expect(harness.deps.storage.objects()).toHaveLength(1);
    expect(harness.deps.storage.openUploads()).toBe(0);
    expect(harness.deps.relayQueue.messages).toHaveLength(1);
  });

  it("refuses while parts are missing, and keeps those that are there", async () => {
    const { harness, browser, upload, id } = await begun();
    expectProblem(await unchanged(harness, () => complete(browser, id)), 409, "parts_missing");
    const [first] = upload.upload.parts;
    if (first) await harness.deps.storage.putPart(first, twoParts.subarray(0, 8 * mebibyte));
    expectProblem(await unchanged(harness, () => complete(browser, id)), 409, "parts_missing");

    await putParts(harness, upload, twoParts);
    expect((await complete(browser, id)).status).toBe(200);
  });

  it("refuses while a part has a wrong size", async () => {
    const { harness, browser, upload, id } = await begun();
    await putParts(harness, upload, twoParts);
    await putWrongSize(harness, upload.upload.parts[1]?.url ?? "");
    expectProblem(await unchanged(harness, () => complete(browser, id)), 409, "parts_wrong_size");
  });

  it("answers a repeat with the publication and queues nothing", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    const { id } = await uploaded(harness, browser);
    const answer = await unchanged(harness, () => complete(browser, id));
    const { publication } = expectProblem(answer, 409, "upload_already_complete");
    expect(publication).toMatchObject({ id, status: "queued" });
  });

  it("queues once when two ask at the same time", async () => {
    const { harness, browser, upload, id } = await begun();
    await putParts(harness, upload, twoParts);
    const answers = await Promise.all([complete(browser, id), complete(browser, id)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(harness.deps.relayQueue.messages).toHaveLength(1);
  });

  it("refuses after a cancellation and leaves nothing in storage", async () => {
    const { harness, browser, upload, id } = await begun();
    await putParts(harness, upload, twoParts);
    await browser.post("/api/tiktok/publish-cancel", { publicationId: id });
    expectProblem(await unchanged(harness, () => complete(browser, id)), 409, "not_uploading");
    expect(harness.deps.storage.openUploads()).toBe(0);
  });

  it("loses nothing when the queue is silent: the poller sends what was not sent", async () => {
    const { harness, browser, upload, id } = await begun();
    await putParts(harness, upload, twoParts);
    const { send } = harness.deps.relayQueue;
    harness.deps.relayQueue.send = () => Promise.reject(new Error("queue is down"));
    expectProblem(await complete(browser, id), 500, "internal");
    harness.deps.relayQueue.send = send;

    const repeat = expectProblem(await complete(browser, id), 409, "upload_already_complete");
    expect(repeat.publication?.status).toBe("queued");
    expect(harness.deps.relayQueue.messages).toHaveLength(0);
    await harness.clock.advance(60_000);
    await harness.poll();
    expect(harness.deps.relayQueue.messages).toHaveLength(1);
  });
});

describe("upload-status", () => {
  it("tells the end of an upload that ended while storage was asked about it", async () => {
    const { harness, browser, id } = await begun();
    const { storage } = harness.deps;
    const { listParts } = storage;
    storage.listParts = async (upload) => {
      storage.listParts = listParts;
      await browser.post("/api/tiktok/publish-cancel", { publicationId: id });
      return listParts(upload);
    };
    const { status, progress } = await statusOf(browser, id);
    expect(status).toBe("cancelled");
    expect(progress.storedBytes).toBe(0);
  });
});
