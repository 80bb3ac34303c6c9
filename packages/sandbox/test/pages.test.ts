import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { operations } from "../src/faults.ts";
import { knobsSchema } from "../src/knobs.ts";
import { authorizeQuery, control, lastRequest, login, start, uploadWhole } from "./harness.ts";
import { makeVideo } from "./video.ts";

async function submit(url: string, path: string, form: Record<string, string>, headers = {}) {
  const body = new URLSearchParams(form);
  return fetch(`${url}/sandbox/ui/${path}`, { method: "POST", body, redirect: "manual", headers });
}

describe("the home page", () => {
  it("shows posts, creators, knobs and refusals without any outside request", async () => {
    const { url, clock } = await start();
    const { access_token } = await login(url);
    const title = '<script>alert("x")</script>';
    const { publishId } = await uploadWhole(url, access_token, makeVideo(), { title });
    clock.advance(5000);
    await fetch(`${url}/v2/user/info/?fields=open_id`);
    const page = await (await fetch(url)).text();
    const { posts } = (await control(url, "/posts")).body;
    for (const text of [publishId, posts[0].sha256, "@private.creator", "moderationMs"]) {
      expect(page).toContain(text);
    }
    expect(page).toContain("Authorization: Bearer is missing");
    expect(page).not.toContain(title);
    expect(page).toContain("&lt;script&gt;");
    expect(page.match(/(src|href)="(?!\/|#)/g)).toBeNull();
  });

  it("turns knobs, arms faults and disconnects creators", async () => {
    const { url, sandbox } = await start();
    await login(url);
    expect((await submit(url, "knob", { name: "audited", value: "false" })).status).toBe(303);
    await submit(url, "knob", { name: "moderationMs", value: "null" });
    await submit(url, "knob", { name: "verifiedDomains", value: "a.example, b.example" });
    expect(sandbox.knobs()).toMatchObject({
      audited: false,
      moderationMs: null,
      verifiedDomains: ["a.example", "b.example"],
    });
    expect((await submit(url, "knob", { name: "audited", value: "maybe" })).status).toBe(400);
    const fault = {
      operation: "upload",
      kind: "status",
      nth: "1",
      times: "",
      value: "502",
      code: "",
    };
    expect((await submit(url, "fault", fault)).status).toBe(303);
    expect((await control(url, "/faults")).body.faults[0].rule).toMatchObject({
      status: 502,
      times: null,
    });
    const creator = { creator: "demo.creator", clientKey: "sbawtestclient01" };
    expect((await submit(url, "disconnect", creator)).status).toBe(303);
    expect((await control(url, "/disconnect", "POST", { creator: "demo.creator" })).status).toBe(
      404,
    );
  });

  it("takes no form from another site", async () => {
    const { url, sandbox } = await start();
    const foreign = { "sec-fetch-site": "cross-site" };
    const form = { name: "audited", value: "false" };
    expect((await submit(url, "knob", form, foreign)).status).toBe(403);
    expect(sandbox.knobs().audited).toBeNull();
  });
});

describe("the control API", () => {
  it("refuses unknown knobs, bad creators and odd queries", async () => {
    const { url } = await start();
    expect((await control(url, "/knobs", "PATCH", { audit: true })).status).toBe(400);
    expect((await control(url, "/creators", "POST", { username: "Bad Name" })).status).toBe(400);
    expect((await control(url, "/requests?limit=0")).status).toBe(400);
    expect((await control(url, "/tasks/none")).status).toBe(404);
    expect((await control(url, "/health")).body.status).toBe("ok");
  });

  it("pages through the request log", async () => {
    const { url } = await start();
    await fetch(`${url}/v2/auth/authorize/?${authorizeQuery()}`);
    await login(url);
    const all = (await control(url, "/requests")).body.requests;
    const tokens = (await control(url, "/requests?operation=token")).body.requests;
    expect(tokens).toMatchObject([{ operation: "token", creator: "demo.creator", code: "ok" }]);
    const later = (await control(url, `/requests?after=${all[0].number}`)).body.requests;
    expect(later).toHaveLength(all.length - 1);
  });

  it("changes an app while it runs, and never shows its secret", async () => {
    const { url, sandbox } = await start();
    const path = "/apps/sbawtestclient01";
    const changed = await control(url, path, "PATCH", { redirectUris: ["http://localhost:9/cb"] });
    expect(changed.body.redirectUris).toEqual(["http://localhost:9/cb"]);
    expect(JSON.stringify([changed.body, (await control(url, "/apps")).body])).not.toContain(
      "secret",
    );
    sandbox.updateApp("sbawtestclient01", { webhookUrl: "http://127.0.0.1:9/hook" });
    expect((await control(url, "/apps")).body.apps[0].webhookUrl).toBe("http://127.0.0.1:9/hook");
  });
});

it("answers paths it does not know like an API", async () => {
  const { url } = await start();
  const response = await fetch(`${url}/v2/video/list/`, { method: "POST" });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ error: { code: "unsupported_path" } });
});

it("reads no body that is too long or of unknown length", async () => {
  const { url } = await start();
  const post = (body: string | ReadableStream) =>
    fetch(`${url}/v2/oauth/token/`, { method: "POST", body, ...{ duplex: "half" } });
  expect((await post("x".repeat(1_000_001))).status).toBe(413);
  expect((await post(new Blob(["x"]).stream())).status).toBe(411);
});

it("serves ranges of a video to players", async () => {
  const { url, clock, sandbox } = await start();
  const { access_token } = await login(url);
  const video = makeVideo();
  await uploadWhole(url, access_token, video);
  clock.advance(5000);
  expect(lastRequest(sandbox, "upload")?.status).toBe(201);
  const { videoUrl } = (await control(url, "/posts")).body.posts[0];
  const part = await fetch(videoUrl, { headers: { range: "bytes=4-7" } });
  expect(part.status).toBe(206);
  expect(part.headers.get("content-range")).toBe(`bytes 4-7/${video.length}`);
  expect(await part.text()).toBe("ftyp");
  const head = await fetch(videoUrl, { method: "HEAD" });
  expect(head.headers.get("content-length")).toBe(String(video.length));
  const beyond = await fetch(videoUrl, { headers: { range: `bytes=${video.length}-` } });
  expect(beyond.status).toBe(416);
});

it("documents every knob, operation and control path in the README", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  for (const name of knobsSchema.keyof().options)
    expect(readme).toMatch(new RegExp(`^\\| \`${name}\` +\\|`, "m"));
  for (const operation of operations) expect(readme).toContain(`\`${operation}\``);
});
