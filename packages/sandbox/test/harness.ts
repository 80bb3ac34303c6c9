// Drives a real sandbox over real HTTP on a random port, with a clock that only moves when a test says so.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { type RunningSandbox, type SandboxOptions, startSandbox } from "../src/index.ts";

export const app = {
  clientKey: "sbawtestclient01",
  clientSecret: "test-client-secret",
  redirectUris: ["http://localhost:3000/callback"],
  webhookUrl: null,
  isAudited: true,
};
export const redirectUri = "http://localhost:3000/callback";
export const allScopes =
  "user.info.basic,user.info.profile,user.info.stats,video.upload,video.publish";

export type FakeClock = ReturnType<typeof createFakeClock>;

export function createFakeClock(startMs = Date.UTC(2026, 8, 1, 10, 15, 30)) {
  let nowMs = startMs;
  let timers: { atMs: number; run: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    setTimer: (delayMs: number, run: () => void) => {
      const timer = { atMs: nowMs + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    /** Runs every timer that comes due, in order, each at its own time. */
    advance: (byMs: number) => {
      const endMs = nowMs + byMs;
      for (let count = 0; count < 100_000; count += 1) {
        const [next] = timers.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
        if (next === undefined) break;
        timers = timers.filter((other) => other !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
      }
      nowMs = endMs;
    },
    pendingCount: () => timers.length,
  };
}

export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "sandbox-test-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export async function start(options: Partial<SandboxOptions> = {}) {
  const clock = createFakeClock();
  const dir = options.dir ?? temporaryDir();
  const sandbox = await startSandbox({ port: 0, dir, apps: [app], clock, ...options });
  onTestFinished(() => sandbox.close());
  return { sandbox, clock, dir, url: sandbox.url };
}

export function authorizeQuery(change: Record<string, string | null> = {}): URLSearchParams {
  const query = new URLSearchParams({
    client_key: app.clientKey,
    response_type: "code",
    scope: allScopes,
    redirect_uri: redirectUri,
    state: "state-1",
  });
  for (const [name, value] of Object.entries(change)) {
    if (value === null) query.delete(name);
    else query.set(name, value);
  }
  return query;
}

/** Submits the consent form; answers where the browser is sent. */
export async function consent(
  url: string,
  change: Record<string, string | null> = {},
): Promise<URL> {
  const body = authorizeQuery({ creator: "demo.creator", decision: "allow", ...change });
  const response = await fetch(`${url}/v2/auth/consent`, {
    method: "POST",
    body,
    redirect: "manual",
  });
  const location = response.headers.get("location");
  if (location === null)
    throw new Error(`no redirect: ${response.status} ${await response.text()}`);
  return new URL(location);
}

const tokenSchema = z.object({
  access_token: z.string(),
  refresh_token: z.string(),
  expires_in: z.number(),
  refresh_expires_in: z.number(),
  open_id: z.string(),
  scope: z.string(),
  token_type: z.string(),
});

export async function postForm(url: string, path: string, form: Record<string, string>) {
  const response = await fetch(url + path, { method: "POST", body: new URLSearchParams(form) });
  const text = await response.text();
  return { status: response.status, text, body: text === "" ? null : JSON.parse(text) };
}

export const client = { client_key: app.clientKey, client_secret: app.clientSecret };

export async function login(url: string, change: Record<string, string | null> = {}) {
  const callback = await consent(url, change);
  const answer = await postForm(url, "/v2/oauth/token/", {
    ...client,
    grant_type: "authorization_code",
    code: callback.searchParams.get("code") ?? "",
    redirect_uri: redirectUri,
  });
  return tokenSchema.parse(answer.body);
}

const envelopeSchema = z.object({
  data: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ code: z.string(), message: z.string(), log_id: z.string() }),
});

export async function callApi(url: string, path: string, token: string, body: unknown = {}) {
  const response = await fetch(url + path, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json; charset=UTF-8",
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const envelope = envelopeSchema.parse(JSON.parse(text));
  return {
    status: response.status,
    headers: response.headers,
    text,
    data: envelope.data,
    code: envelope.error.code,
    message: envelope.error.message,
  };
}

export const paths = {
  creatorInfo: "/v2/post/publish/creator_info/query/",
  init: "/v2/post/publish/video/init/",
  inboxInit: "/v2/post/publish/inbox/video/init/",
  status: "/v2/post/publish/status/fetch/",
  cancel: "/v2/post/publish/cancel/",
};

export function fileSource(bytes: number, chunkBytes = bytes) {
  return {
    source: "FILE_UPLOAD",
    video_size: bytes,
    chunk_size: chunkBytes,
    total_chunk_count: Math.max(1, Math.floor(bytes / chunkBytes)),
  };
}

export function initBody(
  bytes: number,
  change: { post?: Record<string, unknown>; chunkBytes?: number } = {},
) {
  return {
    post_info: {
      privacy_level: "PUBLIC_TO_EVERYONE",
      title: "Harbour at dawn #sea",
      ...change.post,
    },
    source_info: fileSource(bytes, change.chunkBytes),
  };
}

const initSchema = z.object({ publish_id: z.string(), upload_url: z.string() });

export async function init(
  url: string,
  token: string,
  body: unknown,
  path: string = paths.init,
): Promise<{ publishId: string; uploadUrl: string }> {
  const answer = await callApi(url, path, token, body);
  if (answer.code !== "ok") throw new Error(answer.text);
  const data = initSchema.parse(answer.data);
  return { publishId: data.publish_id, uploadUrl: data.upload_url };
}

export async function put(
  uploadUrl: string,
  body: Buffer<ArrayBuffer>,
  range: string | null,
  headers: Record<string, string> = {},
) {
  const response = await fetch(uploadUrl, {
    method: "PUT",
    headers: {
      "content-type": "video/mp4",
      ...(range === null ? {} : { "content-range": range }),
      ...headers,
    },
    body,
  });
  await response.arrayBuffer();
  return { status: response.status, contentRange: response.headers.get("content-range") };
}

/** Everything from init to the last byte, in one chunk. */
export async function uploadWhole(
  url: string,
  token: string,
  video: Buffer<ArrayBuffer>,
  post: Record<string, unknown> = {},
) {
  const started = await init(url, token, initBody(video.length, { post }));
  const range = `bytes 0-${video.length - 1}/${video.length}`;
  const answer = await put(started.uploadUrl, video, range);
  if (answer.status !== 201) throw new Error(`upload answered ${answer.status}`);
  return started;
}

export async function control(url: string, path: string, method = "GET", body?: unknown) {
  const response = await fetch(`${url}/sandbox/api${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}

export function lastRequest(sandbox: RunningSandbox, operation: string) {
  return sandbox.requests().findLast((entry) => entry.operation === operation);
}

export async function closeAndRestart(sandbox: RunningSandbox, options: SandboxOptions) {
  await sandbox.close();
  const again = await startSandbox(options);
  onTestFinished(() => again.close());
  return again;
}
