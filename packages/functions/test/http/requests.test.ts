/** What every route refuses alike: no session, a foreign origin, a body that is not the contract's, another's rows. */
import { sessionLifetimeMs } from "@clipcast/core/auth";
import { describe, expect, it } from "vitest";
import { operations } from "../../openapi/document.ts";
import { type CallOptions, expectProblem } from "../browser.ts";
import { beginUpload, connected, initBody, onePart, openId } from "../creator.ts";
import { createHarness, origin, unchanged } from "../harness.ts";

interface Route {
  method: string;
  path: string;
  body?: Record<string, unknown>;
}

const account = { accountId: openId };
const publication = { publicationId: "0".repeat(32) };

/** Routes for signed-in callers, each with a request that is right in shape. */
const privateRoutes: Route[] = [
  { method: "GET", path: "/api/me" },
  { method: "GET", path: "/api/publications" },
  { method: "DELETE", path: `/api/accounts/${openId}` },
  { method: "POST", path: "/api/auth/tiktok/refresh", body: account },
  { method: "POST", path: "/api/tiktok/creator-info", body: account },
  { method: "POST", path: "/api/tiktok/upload-init", body: initBody(1_000) },
  {
    method: "PUT",
    path: "/api/tiktok/upload-chunk",
    body: { ...publication, parts: [{ partNumber: 1, crc32: "AAAAAA==" }] },
  },
  { method: "POST", path: "/api/tiktok/upload-parts", body: publication },
  { method: "POST", path: "/api/tiktok/upload-complete", body: publication },
  { method: "POST", path: "/api/tiktok/upload-status", body: publication },
  { method: "POST", path: "/api/tiktok/publish-cancel", body: publication },
  { method: "POST", path: "/api/tiktok/publish-retry", body: publication },
];
const logout: Route = { method: "POST", path: "/api/auth/logout", body: {} };
const openReads = [
  "/api/health",
  "/api/session",
  "/api/openapi.json",
  "/api/auth/tiktok",
  "/api/auth/tiktok/callback",
];

const withBody = privateRoutes.filter((route) => route.body !== undefined);
const withAccount = privateRoutes.filter(
  ({ path, body }) => body?.accountId !== undefined || path.startsWith("/api/accounts"),
);
const withPublication = privateRoutes.filter(({ body }) => body?.publicationId !== undefined);
const writes = [...privateRoutes.filter(({ method }) => method !== "GET"), logout];

const label = "$method $path";

function send(route: Route, body?: unknown): [string, string, CallOptions] {
  const sent = body ?? route.body;
  return [route.method, route.path, sent === undefined ? {} : { body: sent }];
}

it("knows every route there is", () => {
  const known = [...privateRoutes, logout].map(({ method, path }) => `${method} ${path}`);
  const described = operations
    .filter(({ path }) => !openReads.includes(path))
    .map(({ method, path }) => `${method.toUpperCase()} ${path.replace("{id}", openId)}`);
  expect(known.sort()).toEqual(described.sort());
});

describe("sessions", () => {
  it.each(privateRoutes)(`${label} needs a session`, async (route) => {
    const harness = createHarness();
    await connected(harness);
    const stranger = harness.browser();
    const answer = await unchanged(harness, () => stranger.call(...send(route)));
    expectProblem(answer, 401, "session_missing");
  });

  it.each(privateRoutes)(`${label} refuses a session that nobody gave out`, async (route) => {
    const harness = createHarness();
    const browser = await connected(harness);
    for (const name of browser.cookies.keys()) browser.cookies.set(name, "x".repeat(43));
    const answer = await unchanged(harness, () => browser.call(...send(route)));
    expectProblem(answer, 401, "session_expired");
  });

  it.each(privateRoutes)(`${label} refuses a session made up in somebody's name`, async (route) => {
    const harness = createHarness();
    const browser = await connected(harness);
    for (const [name, value] of browser.cookies) {
      browser.cookies.set(name, `${value.split(".")[0]}.${"x".repeat(43)}`);
    }
    const answer = await unchanged(harness, () => browser.call(...send(route)));
    expectProblem(answer, 401, "session_expired");
  });

  it.each(privateRoutes.filter(({ method }) => method !== "GET"))(
    `${label} says nothing of a body before it knows the session`,
    async ({ method, path }) => {
      const stranger = createHarness().browser();
      const answer = await stranger.call(method, path, { text: "{" });
      expectProblem(answer, 401, "session_missing");
    },
  );

  it.each(privateRoutes)(`${label} refuses a session from its last moment on`, async (route) => {
    const harness = createHarness();
    const browser = await connected(harness);
    await harness.clock.advance(sessionLifetimeMs - 1);
    expect((await browser.get("/api/me")).status).toBe(200);
    await harness.clock.advance(1);
    const answer = await unchanged(harness, () => browser.call(...send(route)));
    expectProblem(answer, 401, "session_expired");
  });
});

describe("origins", () => {
  const foreign: { name: string; headers: Record<string, string | null> }[] = [
    { name: "another site", headers: { origin: "https://evil.example" } },
    { name: "a site that only begins like ours", headers: { origin: `${origin}.evil.example` } },
    { name: "our host without TLS", headers: { origin: origin.replace("https", "http") } },
    { name: "a sandboxed frame", headers: { origin: "null" } },
    { name: "nobody", headers: { origin: null } },
    { name: "a cross-site form", headers: { origin: null, "sec-fetch-site": "cross-site" } },
    {
      name: "another site that claims to be ours",
      headers: { origin: "https://evil.example", "sec-fetch-site": "same-origin" },
    },
  ];

  it.each(writes)(`${label} takes no write from elsewhere`, async (route) => {
    const harness = createHarness();
    const browser = await connected(harness);
    const cookies = [...browser.cookies];
    for (const { name, headers } of foreign) {
      const [method, path, options] = send(route);
      const call = () => browser.call(method, path, { ...options, headers });
      const answer = await unchanged(harness, call);
      expect(answer.status, name).toBe(403);
      expectProblem(answer, 403, "forbidden_origin");
    }
    expect([...browser.cookies]).toEqual(cookies);
  });

  it("takes a write whose browser vouches for the same origin", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    const headers = { origin: null, "sec-fetch-site": "same-origin" };
    const answer = await browser.post("/api/tiktok/creator-info", account, { headers });
    expect(answer.status).toBe(200);
  });

  it("lets anybody read, because the cookie's owner alone sees the answer", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    const headers = { origin: "https://evil.example" };
    const answer = await browser.get("/api/me", { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  });
});

describe("bodies", () => {
  const broken = [
    { name: "is not JSON", text: "{" },
    { name: "is empty", text: "" },
    { name: "is null", text: "null" },
    { name: "is a list", text: "[]" },
    { name: "is text", text: '"publicationId"' },
  ];

  it.each(withBody)(`${label} refuses what is not its object`, async (route) => {
    const harness = createHarness();
    const browser = await connected(harness);
    for (const { name, text } of broken) {
      const call = () => browser.call(route.method, route.path, { text });
      const answer = await unchanged(harness, call);
      expect(answer.status, name).toBe(400);
      expectProblem(answer, 400, "invalid_request");
    }
  });

  it.each(withBody)(`${label} refuses an unknown field and names it`, async (route) => {
    const harness = createHarness();
    const browser = await connected(harness);
    const body = { ...route.body, isAdmin: true };
    const answer = await unchanged(harness, () => browser.call(...send(route, body)));
    const { errors } = expectProblem(answer, 400, "invalid_request");
    expect(errors).toEqual([{ path: "", message: expect.stringContaining("isAdmin") }]);
  });

  it.each(withBody)(`${label} refuses each field of a wrong type, or absent`, async (route) => {
    const harness = createHarness();
    const browser = await connected(harness);
    for (const field of Object.keys(route.body ?? {})) {
      for (const value of [7, null, {}, undefined]) {
        const body = { ...route.body, [field]: value };
        const answer = await unchanged(harness, () => browser.call(...send(route, body)));
        const { errors } = expectProblem(answer, 400, "invalid_request");
        expect(errors?.map(({ path }) => path.split(".")[0])).toContain(field);
      }
    }
  });

  it.each(writes)(`${label} takes no body above 64 KiB`, async (route) => {
    const harness = createHarness();
    const browser = await connected(harness);
    const text = JSON.stringify({ ...route.body, filler: "x".repeat(64 * 1024) });
    // Once with its length stated, once streamed.
    for (const headers of [{}, { "content-length": null }]) {
      const call = () => browser.call(route.method, route.path, { text, headers });
      const answer = await unchanged(harness, call);
      expectProblem(answer, 413, "too_large");
    }
  });

  it("stops reading where a body without a length is too long", async () => {
    const { app } = createHarness();
    let sentBytes = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sentBytes += 16_384;
        controller.enqueue(new Uint8Array(16_384));
      },
    });
    const headers = { origin, "content-type": "application/json" };
    const init = { method: "POST", headers, body, duplex: "half" as const };
    const answer = await app.request(new Request(`${origin}/api/auth/logout`, init));
    expect(answer.status).toBe(413);
    expect(sentBytes).toBeLessThan(128 * 1024);
  });

  it.each(withPublication)(`${label} refuses ids longer than a key may be`, async (route) => {
    const harness = createHarness();
    const browser = await connected(harness);
    for (const publicationId of ["", "x".repeat(201)]) {
      const body = { ...route.body, publicationId };
      const answer = await unchanged(harness, () => browser.call(...send(route, body)));
      expectProblem(answer, 400, "invalid_request");
    }
  });

  it("refuses an account id in the path that is longer than a key may be", async () => {
    const harness = createHarness();
    const browser = await connected(harness);
    const path = `/api/accounts/${"x".repeat(201)}`;
    const answer = await unchanged(harness, () => browser.call("DELETE", path));
    expectProblem(answer, 400, "invalid_request");
  });
});

describe("other users", () => {
  it.each(withPublication)(`${label} does not know another's publication`, async (route) => {
    const harness = createHarness();
    const owner = await connected(harness);
    const { publication } = await beginUpload(owner, onePart);
    const other = await connected(harness, "-000other");
    const body = { ...route.body, publicationId: publication.id };
    const answer = await unchanged(harness, () => other.call(...send(route, body)));
    const unknown = await other.call(...send(route));
    expectProblem(answer, 404, "not_found");
    // Nothing tells a foreign id from one that never was.
    expect(answer.text).toBe(unknown.text);
  });

  it.each(withAccount)(`${label} does not know another's account`, async (route) => {
    const harness = createHarness();
    await connected(harness);
    const other = await connected(harness, "-000other");
    const answer = await unchanged(harness, () => other.call(...send(route)));
    expectProblem(answer, 404, "not_found");
  });

  it("does not know another's account for a draft either", async () => {
    const harness = createHarness();
    await connected(harness);
    const other = await connected(harness, "-000other");
    const body = { ...initBody(1_000), post: { mode: "inbox" } };
    const call = () => other.post("/api/tiktok/upload-init", body);
    expectProblem(await unchanged(harness, call), 404, "not_found");
  });
});

it("answers a problem for a route that does not exist", async () => {
  const harness = createHarness();
  expectProblem(await harness.browser().get("/api/nothing"), 404, "not_found");
  expectProblem(await harness.browser().get("/api/tiktok/nothing"), 404, "not_found");
});

it("lets nobody keep an answer", async () => {
  const harness = createHarness();
  const browser = await connected(harness);
  await browser.get("/api/me");
  await browser.get("/api/nothing");
  await browser.call("PUT", "/api/tiktok/upload-chunk", { text: "x".repeat(70_000) });
  for (const answer of harness.answers) {
    expect(answer.headers.get("cache-control"), answer.path).toBe("no-store");
  }
});
