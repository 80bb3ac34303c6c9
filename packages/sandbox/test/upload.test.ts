import { createHash } from "node:crypto";
import { request } from "node:http";
import { describe, expect, it } from "vitest";
import {
  callApi,
  control,
  init,
  initBody,
  lastRequest,
  login,
  paths,
  put,
  start,
} from "./harness.ts";
import { makeVideo } from "./video.ts";

const chunkBytes = 5_242_880;
const video = makeVideo({ bytes: 2 * chunkBytes + 777 });
const total = video.length;
const digest = createHash("sha256").update(video).digest("hex");
const first = `bytes 0-${chunkBytes - 1}/${total}`;
const last = `bytes ${chunkBytes}-${total - 1}/${total}`;

async function begin(options: Parameters<typeof start>[0] = {}) {
  const started = await start(options);
  const { access_token } = await login(started.url);
  const task = await init(started.url, access_token, initBody(total, { chunkBytes }));
  const state = async () => (await control(started.url, `/tasks/${task.publishId}`)).body;
  return { ...started, ...task, access_token, state };
}

/** Sends the head and some bytes of a PUT, then leaves. */
function breakOff(uploadUrl: string, range: string, declaredBytes: number, body: Buffer) {
  return new Promise<void>((resolve) => {
    const outgoing = request(uploadUrl, {
      method: "PUT",
      headers: {
        "content-type": "video/mp4",
        "content-length": declaredBytes,
        "content-range": range,
      },
    });
    outgoing.on("error", () => resolve());
    outgoing.on("close", () => resolve());
    outgoing.write(body, () => outgoing.destroy());
  });
}

describe("a chunked upload", () => {
  it("answers 206 and 201 with the bytes so far, and digests what arrived", async () => {
    const { uploadUrl, state } = await begin();
    expect(await put(uploadUrl, video.subarray(0, chunkBytes), first)).toEqual({
      status: 206,
      contentRange: `bytes 0-${chunkBytes}/${total}`,
    });
    expect((await state()).sha256).toBeNull();
    expect(await put(uploadUrl, video.subarray(chunkBytes), last)).toEqual({
      status: 201,
      contentRange: `bytes 0-${total}/${total}`,
    });
    const task = await state();
    expect(task).toMatchObject({ sha256: digest, uploadedBytes: total, totalBytes: total });
    expect(task.chunks).toMatchObject([
      { index: 0, firstByte: 0, bytes: chunkBytes },
      { index: 1, firstByte: chunkBytes, bytes: total - chunkBytes },
    ]);
  });

  it("refuses a chunk out of order with its progress in the header", async () => {
    const { uploadUrl, sandbox } = await begin();
    expect(await put(uploadUrl, video.subarray(chunkBytes), last)).toEqual({
      status: 416,
      contentRange: `bytes 0-0/${total}`,
    });
    expect(lastRequest(sandbox, "upload")?.rule).toBe("§7.1 chunks come in order");
  });

  it("answers a repeated chunk with 416, or 206 by the knob, and stores nothing twice", async () => {
    const { uploadUrl, sandbox, state } = await begin();
    await put(uploadUrl, video.subarray(0, chunkBytes), first);
    expect((await put(uploadUrl, video.subarray(0, chunkBytes), first)).status).toBe(416);
    sandbox.setKnobs({ repeatedChunk: 206, uploadedBytesMeaning: "last-index" });
    expect(await put(uploadUrl, video.subarray(0, chunkBytes), first)).toEqual({
      status: 206,
      contentRange: `bytes 0-${chunkBytes - 1}/${total}`,
    });
    expect((await state()).chunks).toHaveLength(1);
  });

  it("answers 416, 400, 404 and 403 as documented", async () => {
    const { uploadUrl, clock } = await begin();
    const body = video.subarray(0, chunkBytes);
    expect((await put(uploadUrl, body, null)).status).toBe(416);
    expect((await put(uploadUrl, body.subarray(1), first)).status).toBe(400);
    expect((await put(uploadUrl, body, `bytes 0-${chunkBytes - 1}/${total + 1}`)).status).toBe(400);
    expect((await put(uploadUrl, body, first, { "content-type": "text/plain" })).status).toBe(400);
    expect(
      (await put(uploadUrl.replace(/upload_token=.{4}/, "upload_token=0000"), body, first)).status,
    ).toBe(404);
    expect((await put(uploadUrl.replace(/upload_id=\d/, "upload_id=9"), body, first)).status).toBe(
      404,
    );
    clock.advance(3_599_999);
    expect((await put(uploadUrl, body, first)).status).toBe(206);
    clock.advance(1);
    expect((await put(uploadUrl, body, first)).status).toBe(404);
  });

  it("answers 403 past the hour while the task is left stuck", async () => {
    const { uploadUrl, clock, access_token, publishId, url } = await begin({
      knobs: { expiredUpload: "stuck" },
    });
    clock.advance(3_600_000);
    expect((await put(uploadUrl, video.subarray(0, chunkBytes), first)).status).toBe(403);
    const { data } = await callApi(url, paths.status, access_token, { publish_id: publishId });
    expect(data?.status).toBe("PROCESSING_UPLOAD");
  });

  it("refuses a body without Content-Length", async () => {
    const { uploadUrl } = await begin();
    const status = await new Promise((resolve) => {
      const headers = { "content-type": "video/mp4", "content-range": first };
      const outgoing = request(uploadUrl, { method: "PUT", headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      outgoing.write(video.subarray(0, 1000));
      outgoing.end(video.subarray(1000, chunkBytes));
    });
    expect(status).toBe(400);
  });

  it("rolls a broken chunk back: the whole still has the file's digest", async () => {
    const { uploadUrl, state } = await begin();
    await put(uploadUrl, video.subarray(0, chunkBytes), first);
    // Other bytes than the real ones, so that a digest that kept them would show.
    await breakOff(uploadUrl, last, total - chunkBytes, Buffer.alloc(1_000_000, 7));
    expect((await put(uploadUrl, video.subarray(chunkBytes), last)).status).toBe(201);
    expect(await state()).toMatchObject({ sha256: digest, uploadedBytes: total });
  });

  it("lets one of two equal PUTs through when they come at once", async () => {
    const { uploadUrl, state } = await begin();
    const body = video.subarray(0, chunkBytes);
    const answers = await Promise.all([put(uploadUrl, body, first), put(uploadUrl, body, first)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([206, 416]);
    expect((await state()).uploadedBytes).toBe(chunkBytes);
  });

  it("breaks off a sender that falls silent, and takes the chunk again", async () => {
    const { uploadUrl, clock, sandbox } = await begin();
    const headers = {
      "content-type": "video/mp4",
      "content-length": chunkBytes,
      "content-range": first,
    };
    const outgoing = request(uploadUrl, { method: "PUT", headers });
    const broken = new Promise((resolve) => outgoing.on("error", resolve));
    const before = clock.pendingCount();
    outgoing.write(video.subarray(0, 1000));
    // The watch is armed once the head has arrived.
    while (clock.pendingCount() === before) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(30_000);
    await broken;
    expect((await put(uploadUrl, video.subarray(0, chunkBytes), first)).status).toBe(206);
    expect(sandbox.requests().filter((entry) => entry.operation === "upload")).toMatchObject([
      { status: null, rule: "§7.4 the connection broke off" },
      { status: 206 },
    ]);
  });
});
