/** Idempotency-Key: a client that lost our answer asks again and finds what it began. */
import { videoBytes } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { initResponse, listResponse } from "../../src/contract.ts";
import { type Browser, expectProblem, read } from "../browser.ts";
import { connected, initBody, planOf, putParts } from "../creator.ts";
import { createHarness, unchanged } from "../harness.ts";

const video = videoBytes(1_000);
const valid = { ...initBody(video.length), plan: planOf(video) };

const init = (browser: Browser, body: unknown, key?: string) =>
  browser.post("/api/tiktok/upload-init", body, key ? { headers: { "idempotency-key": key } } : {});

describe("an Idempotency-Key", () => {
  it("answers the same publication for the same request, however its fields are ordered", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    const first = read(await init(browser, valid, "key-1"), initResponse);
    const reordered = Object.fromEntries(Object.entries(valid).reverse());
    const call = () => init(browser, reordered, "key-1");
    const second = read(await unchanged(harness, call), initResponse);
    expect(second).toEqual(first);
  });

  it("refuses another request", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    await init(browser, valid, "key-1");
    for (const body of [initBody(1_001), { ...valid, post: { ...valid.post, title: "another" } }]) {
      const answer = await unchanged(harness, () => init(browser, body, "key-1"));
      expectProblem(answer, 409, "idempotency_conflict");
    }
  });

  it("means nothing to another user, nor another key to this one", async () => {
    const harness = createHarness();
    const one = await connected(harness);
    const other = await connected(harness, "-000other");
    const answers = [
      await init(one, valid, "key-1"),
      await init(one, valid, "key-2"),
      await init(other, initBody(1_000, "-000other"), "key-1"),
      await init(one, valid),
      await init(one, valid),
    ];
    const ids = answers.map((answer) => read(answer, initResponse).publication.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("of no or too many characters is refused", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    for (const key of ["", "k".repeat(201)]) {
      const headers = { "idempotency-key": key };
      const call = () => browser.post("/api/tiktok/upload-init", valid, { headers });
      expectProblem(await unchanged(harness, call), 400, "invalid_request");
    }
    expect((await init(browser, valid, "k".repeat(200))).status).toBe(201);
  });

  it("answers the publication as it stands once its upload is complete", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    const first = read(await init(browser, valid, "key-1"), initResponse);
    await putParts(harness, first, video);
    await browser.post("/api/tiktok/upload-complete", { publicationId: first.publication.id });
    const call = () => init(browser, valid, "key-1");
    const again = read(await unchanged(harness, call), initResponse);
    expect(again.publication).toMatchObject({ id: first.publication.id, status: "queued" });
    expect(again.upload.parts).toEqual([]);
  });

  it("finishes what storage's silence cut short", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    const { createUpload } = harness.deps.storage;
    harness.deps.storage.createUpload = () => Promise.reject(new Error("SlowDown"));
    expectProblem(await init(browser, valid, "key-1"), 500, "internal");
    harness.deps.storage.createUpload = createUpload;

    const { publication, upload } = read(await init(browser, valid, "key-1"), initResponse);

    expect(upload.parts).toHaveLength(1);
    const { publications } = read(await browser.get("/api/publications"), listResponse);
    expect(publications.map(({ id }) => id)).toEqual([publication.id]);
  });

  it("of two requests at once begins one publication", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    const answers = await Promise.all([init(browser, valid, "k"), init(browser, valid, "k")]);
    const ids = answers.map((answer) => read(answer, initResponse).publication.id);
    expect(ids[0]).toBe(ids[1]);
  });
});
