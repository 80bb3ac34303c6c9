import { createHash } from "node:crypto";
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  app,
  callApi,
  closeAndRestart,
  control,
  init,
  initBody,
  login,
  paths,
  put,
  start,
  uploadWhole,
} from "./harness.ts";
import { makeVideo } from "./video.ts";

const chunkBytes = 5_242_880;

it("keeps posts, tokens, creators and knobs", async () => {
  const { sandbox, url, clock, dir } = await start();
  const { access_token } = await login(url);
  const video = makeVideo();
  const { publishId } = await uploadWhole(url, access_token, video);
  clock.advance(5000);
  await control(url, "/creators", "POST", { username: "new.creator", nickname: "New" });
  await control(url, "/knobs", "PATCH", { moderationMs: 77 });
  const before = (await control(url, "/posts")).body.posts[0];

  const again = await closeAndRestart(sandbox, { port: 0, dir, apps: [app], clock });
  const { posts } = (await control(again.url, "/posts")).body;
  expect(posts[0]).toMatchObject({ postId: before.postId, sha256: before.sha256, publishId });
  const media = await fetch(posts[0].videoUrl);
  expect(Buffer.from(await media.arrayBuffer()).equals(video)).toBe(true);
  expect(again.knobs().moderationMs).toBe(77);
  expect((await callApi(again.url, paths.creatorInfo, access_token)).code).toBe("ok");
  expect((await login(again.url, { creator: "new.creator" })).open_id).toMatch(/^-000/);
});

it("goes on with an upload where it stood, digest included", async () => {
  const { sandbox, url, clock, dir } = await start();
  const { access_token } = await login(url);
  const video = makeVideo({ bytes: 2 * chunkBytes + 5 });
  const { uploadUrl, publishId } = await init(
    url,
    access_token,
    initBody(video.length, { chunkBytes }),
  );
  const first = `bytes 0-${chunkBytes - 1}/${video.length}`;
  expect((await put(uploadUrl, video.subarray(0, chunkBytes), first)).status).toBe(206);

  const again = await closeAndRestart(sandbox, { port: 0, dir, apps: [app], clock });
  const moved = uploadUrl.replace(url, again.url);
  const last = `bytes ${chunkBytes}-${video.length - 1}/${video.length}`;
  expect((await put(moved, video.subarray(chunkBytes), last)).status).toBe(201);
  const { body } = await control(again.url, `/tasks/${publishId}`);
  expect(body.sha256).toBe(createHash("sha256").update(video).digest("hex"));
});

it("finishes an upload that was killed between its last byte and its end", async () => {
  const { sandbox, url, clock, dir } = await start();
  const { access_token } = await login(url);
  const video = makeVideo();
  const { publishId } = await uploadWhole(url, access_token, video);
  await sandbox.close();
  forgetAfter(dir, (line) => line.includes(`"uploadedBytes":${video.length},`));

  const again = await closeAndRestart(sandbox, { port: 0, dir, apps: [app], clock });
  clock.advance(5000);
  const { data } = await callApi(again.url, paths.status, access_token, { publish_id: publishId });
  expect(data).toMatchObject({ status: "PUBLISH_COMPLETE", uploaded_bytes: video.length });
  const { posts } = (await control(again.url, "/posts")).body;
  const sha256 = createHash("sha256").update(video).digest("hex");
  expect(posts).toEqual([expect.objectContaining({ publishId, sha256 })]);
});

it("starts although the video of a killed upload was removed by hand", async () => {
  const { sandbox, url, clock, dir } = await start();
  const { access_token } = await login(url);
  const video = makeVideo();
  const { publishId } = await uploadWhole(url, access_token, video);
  await sandbox.close();
  forgetAfter(dir, (line) => line.includes(`"uploadedBytes":${video.length},`));
  rmSync(join(dir, "videos"), { recursive: true });

  const again = await closeAndRestart(sandbox, { port: 0, dir, apps: [app], clock });
  clock.advance(3_600_000);
  const { data } = await callApi(again.url, paths.status, access_token, { publish_id: publishId });
  expect(data).toMatchObject({ status: "FAILED" });
});

/** Leaves the state as a process killed right after writing that line would have. */
function forgetAfter(dir: string, isLast: (line: string) => boolean): void {
  const path = join(dir, "state.jsonl");
  const lines = readFileSync(path, "utf8").split("\n");
  const last = lines.findIndex(isLast);
  if (last === -1) throw new Error("no such line");
  writeFileSync(path, `${lines.slice(0, last + 1).join("\n")}\n`);
}

it("settles what came due while it was down", async () => {
  const { sandbox, url, clock, dir } = await start();
  const { access_token } = await login(url);
  const { publishId } = await uploadWhole(url, access_token, makeVideo());
  await sandbox.close();
  clock.advance(60_000);
  const again = await closeAndRestart(sandbox, { port: 0, dir, apps: [app], clock });
  clock.advance(2000);
  const { data } = await callApi(again.url, paths.status, access_token, { publish_id: publishId });
  expect(data).toHaveProperty("publicaly_available_post_id");
});

it("drops a line that was never finished", async () => {
  const { sandbox, url, clock, dir } = await start();
  const { access_token } = await login(url);
  await sandbox.close();
  appendFileSync(join(dir, "state.jsonl"), '{"kind":"token","id":"torn');
  const again = await closeAndRestart(sandbox, { port: 0, dir, apps: [app], clock });
  expect((await callApi(again.url, paths.creatorInfo, access_token)).code).toBe("ok");
});

it("writes no token, code or upload URL to disk in the clear", async () => {
  const { url, dir } = await start();
  const token = await login(url);
  const { uploadUrl } = await init(url, token.access_token, initBody(9));
  const state = readFileSync(join(dir, "state.jsonl"), "utf8");
  const uploadToken = new URL(uploadUrl).searchParams.get("upload_token") ?? "none";
  for (const secret of [token.access_token, token.refresh_token, uploadToken, app.clientSecret]) {
    expect(state).not.toContain(secret);
  }
});

it("removes the oldest videos beyond its budget, never the newest", async () => {
  const { url, clock, dir } = await start({ knobs: { retainVideoBytes: 2500 } });
  const { access_token } = await login(url);
  for (let count = 0; count < 3; count += 1) {
    await uploadWhole(url, access_token, makeVideo({ bytes: 2000 }));
    clock.advance(5000);
  }
  expect(readdirSync(join(dir, "videos"))).toHaveLength(1);
  const { posts } = (await control(url, "/posts")).body;
  const statuses = await Promise.all(
    posts.map(async (post: { videoUrl: string }) => (await fetch(post.videoUrl)).status),
  );
  expect(statuses).toEqual([404, 404, 200]);
});
