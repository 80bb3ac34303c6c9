import { describe, expect, it } from "vitest";
import {
  callApi,
  client,
  consent,
  control,
  init,
  initBody,
  lastRequest,
  login,
  paths,
  postForm,
  put,
  redirectUri,
  start,
} from "./harness.ts";
import { makeVideo } from "./video.ts";

const video = makeVideo();
const whole = `bytes 0-${video.length - 1}/${video.length}`;

describe("a fault", () => {
  it("hits the nth matching call, so many times, and says so in the log", async () => {
    const { url, sandbox } = await start();
    const { access_token } = await login(url);
    const rule = {
      operation: "creatorInfo",
      kind: "status",
      nth: 2,
      times: 2,
      status: 503,
      code: "internal_error",
    };
    const added = await control(url, "/faults", "POST", rule);
    expect(added.status).toBe(201);
    const statuses: number[] = [];
    for (let count = 0; count < 4; count += 1) {
      statuses.push((await callApi(url, paths.creatorInfo, access_token)).status);
    }
    expect(statuses).toEqual([200, 503, 503, 200]);
    expect(sandbox.requests().filter((entry) => entry.fault === added.body.id)).toHaveLength(2);
    expect((await control(url, "/faults")).body.faults[0]).toMatchObject({
      seenCount: 3,
      hitCount: 2,
    });
    expect((await control(url, `/faults/${added.body.id}`, "DELETE")).status).toBe(204);
  });

  it("answers a gateway's HTML when it names no code", async () => {
    const { url, sandbox } = await start();
    sandbox.addFault({ operation: "token", kind: "status", status: 502 });
    const response = await fetch(`${url}/v2/oauth/token/`, { method: "POST" });
    expect(response.status).toBe(502);
    expect(response.headers.get("content-type")).toContain("text/html");
  });

  it("drops a call before its effect: nothing was created", async () => {
    const { url, sandbox } = await start();
    const { access_token } = await login(url);
    sandbox.addFault({ operation: "init", kind: "drop-before" });
    await expect(callApi(url, paths.init, access_token, initBody(9))).rejects.toThrow();
    expect((await control(url, "/tasks")).body.tasks).toHaveLength(0);
  });

  it("loses the answer after the effect: the task exists, the app does not know", async () => {
    const { url, sandbox } = await start();
    const { access_token } = await login(url);
    sandbox.addFault({ operation: "init", kind: "drop-after" });
    await expect(callApi(url, paths.init, access_token, initBody(9))).rejects.toThrow();
    expect((await control(url, "/tasks")).body.tasks).toHaveLength(1);
    expect(lastRequest(sandbox, "init")).toMatchObject({ status: null, code: "ok" });
  });

  it("loses a refresh's answer: the old token is dead all the same", async () => {
    const { url, sandbox } = await start();
    const { refresh_token } = await login(url);
    const form = { ...client, grant_type: "refresh_token", refresh_token };
    sandbox.addFault({ operation: "token", kind: "drop-after" });
    await expect(postForm(url, "/v2/oauth/token/", form)).rejects.toThrow();
    expect((await postForm(url, "/v2/oauth/token/", form)).body.error).toBe("invalid_grant");
  });

  it("can turn a good answer into an error: the code is spent", async () => {
    const { url, sandbox } = await start();
    const callback = await consent(url);
    sandbox.addFault({ operation: "token", kind: "status", status: 500, when: "after" });
    const form = {
      ...client,
      grant_type: "authorization_code",
      code: callback.searchParams.get("code") ?? "",
      redirect_uri: redirectUri,
    };
    const response = await fetch(`${url}/v2/oauth/token/`, {
      method: "POST",
      body: new URLSearchParams(form),
    });
    expect(response.status).toBe(500);
    expect((await postForm(url, "/v2/oauth/token/", form)).body.error).toBe("invalid_grant");
  });

  it("strikes just the creator and the task that it names", async () => {
    const { url, sandbox } = await start();
    const demo = await login(url);
    const quiet = await login(url, { creator: "quiet.creator" });
    const blip = { kind: "status", status: 500, code: "internal_error", times: null } as const;
    sandbox.addFault({ operation: "creatorInfo", creator: "quiet.creator", ...blip });
    expect((await callApi(url, paths.creatorInfo, demo.access_token)).status).toBe(200);
    expect((await callApi(url, paths.creatorInfo, quiet.access_token)).status).toBe(500);
    const one = await init(url, demo.access_token, initBody(9));
    const two = await init(url, demo.access_token, initBody(9));
    sandbox.addFault({ operation: "status", publishId: two.publishId, ...blip });
    const status = (publish_id: string) =>
      callApi(url, paths.status, demo.access_token, { publish_id });
    expect((await status(one.publishId)).code).toBe("ok");
    expect((await status(two.publishId)).code).toBe("internal_error");
  });

  it("refuses rules it does not understand", async () => {
    const { url } = await start();
    const bad = { operation: "upload", kind: "explode" };
    expect((await control(url, "/faults", "POST", bad)).status).toBe(400);
    expect((await control(url, "/faults", "POST", { ...bad, kind: "delay" })).status).toBe(400);
  });
});

describe("a fault on an upload", () => {
  const begin = async () => {
    const started = await start();
    const { access_token } = await login(started.url);
    const task = await init(started.url, access_token, initBody(video.length));
    const uploaded = async () =>
      (await control(started.url, `/tasks/${task.publishId}`)).body.uploadedBytes;
    return { ...started, ...task, uploaded };
  };

  it("loses the chunk's answer, though the chunk is in", async () => {
    const { sandbox, uploadUrl, uploaded } = await begin();
    sandbox.addFault({ operation: "upload", kind: "drop-after" });
    await expect(put(uploadUrl, video, whole)).rejects.toThrow();
    expect(await uploaded()).toBe(video.length);
  });

  it("breaks in the middle, and nothing of the chunk is in", async () => {
    const { sandbox, uploadUrl, uploaded } = await begin();
    sandbox.addFault({ operation: "upload", kind: "drop-mid", afterBytes: 100 });
    await expect(put(uploadUrl, video, whole)).rejects.toThrow();
    expect(await uploaded()).toBe(0);
    expect((await put(uploadUrl, video, whole)).status).toBe(201);
  });

  it("answers 502 before or after the chunk is in", async () => {
    const { sandbox, uploadUrl, uploaded } = await begin();
    sandbox.addFault({ operation: "upload", kind: "status", status: 502 });
    expect((await put(uploadUrl, video, whole)).status).toBe(502);
    expect(await uploaded()).toBe(0);
    sandbox.addFault({ operation: "upload", kind: "status", status: 502, when: "after" });
    expect((await put(uploadUrl, video, whole)).status).toBe(502);
    expect(await uploaded()).toBe(video.length);
  });
});

describe("a fault in processing", () => {
  it("ends the task with the reason it names", async () => {
    const { sandbox, url, clock } = await start();
    sandbox.addFault({ operation: "processing", kind: "fail", failReason: "spam_risk" });
    const { access_token } = await login(url);
    const { publishId, uploadUrl } = await init(url, access_token, initBody(video.length));
    await put(uploadUrl, video, whole);
    clock.advance(2000);
    const { data } = await callApi(url, paths.status, access_token, { publish_id: publishId });
    expect(data).toMatchObject({ status: "FAILED", fail_reason: "spam_risk" });
  });
});
