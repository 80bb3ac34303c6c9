import { mkdirSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { GatewayEvent } from "../../src/gateway/event.ts";
import { createGateway, type GatewayOptions, requestBytesMax } from "../../src/gateway/gateway.ts";
import { listenLocal } from "../../src/gateway/listen.ts";
import { InvokeRefusedError, requestTooLarge } from "../../src/lambda/limits.ts";
import { makeTempDir } from "../lambda/fixture.ts";

type Seen = { name: string; event: GatewayEvent };

/** A gateway whose one function answers what it is told to; a site with two files. */
async function startGateway(overrides: Partial<GatewayOptions> = {}, isBuilt = true) {
  const seen: Seen[] = [];
  const outputDir = join(makeTempDir(), "dist");
  mkdirSync(join(outputDir, "assets"), { recursive: true });
  if (isBuilt) writeFileSync(join(outputDir, "index.html"), "<h1>page</h1>");
  writeFileSync(join(outputDir, "assets", "index-B1f2c3D4.js"), "run()");
  writeFileSync(join(outputDir, "favicon.svg"), "<svg/>");
  writeFileSync(join(outputDir, "..", "secret.txt"), "secret");
  const listener = await listenLocal(0);
  onTestFinished(() => listener.close());
  listener.serve(
    createGateway({
      routes: [
        { method: "ANY", path: "/api/{proxy+}", function: "Api" },
        { method: "POST", path: "/api/tiktok/webhook", function: "Webhook" },
      ],
      apiPrefixes: ["/api"],
      headers: { "content-security-policy": "default-src 'none'" },
      region: "us-east-1",
      site: { outputDir, indexPage: "index.html", problem: () => "vite: <no such file>" },
      async invoke(name, payload) {
        seen.push({ name, event: JSON.parse(payload.toString()) });
        const answer = { statusCode: 200, cookies: ["s=1", "t=2"], body: name };
        return resultOf(answer);
      },
      onProblem: () => undefined,
      ...overrides,
    }),
  );
  return { url: `http://127.0.0.1:${listener.port}`, port: listener.port, seen };
}

function resultOf(value: unknown) {
  const payload = Buffer.from(JSON.stringify(value));
  return { functionError: null, payload, isTimeout: false, durationMs: 1 };
}

describe("every answer", () => {
  it.each(["/", "/assets/index-B1f2c3D4.js", "/api/me", "/nowhere.png"])(
    "has the headers of the origin: %s",
    async (path) => {
      const { url } = await startGateway();
      const { headers } = await fetch(url + path);
      expect(headers.get("content-security-policy")).toBe("default-src 'none'");
    },
  );
});

describe("the API", () => {
  it("calls the route's function and passes on its answer", async () => {
    const { url, seen } = await startGateway();
    const response = await fetch(`${url}/api/tiktok/webhook?x=1`, { method: "POST", body: "{}" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("Webhook");
    expect(response.headers.getSetCookie()).toEqual(["s=1", "t=2"]);
    expect(seen).toMatchObject([
      { name: "Webhook", event: { rawQueryString: "x=1", body: "{}", isBase64Encoded: false } },
    ]);
  });

  it("answers 404 under its prefix where the plan has no route", async () => {
    const { url } = await startGateway();
    const response = await fetch(`${url}/api`);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ message: "Not Found" });
  });

  it("refuses a body above 10 MB with 413, also when its length is not announced", async () => {
    const { url, port, seen } = await startGateway();
    const big = Buffer.alloc(requestBytesMax + 1);
    const announced = await fetch(`${url}/api/x`, { method: "POST", body: big });
    expect(announced.status).toBe(413);
    expect(await postChunked(port, "/api/x", big)).toBe(413);
    expect(seen).toEqual([]);
  });

  it.each([
    [requestTooLarge(7_000_000), 413],
    [new InvokeRefusedError("TooManyRequestsException", "Rate Exceeded."), 503],
  ])("turns %s into %i", async (error, status) => {
    const { url } = await startGateway({ invoke: () => Promise.reject(error) });
    expect((await fetch(`${url}/api/x`)).status).toBe(status);
  });

  it("stops waiting for a slow function", async () => {
    const { url } = await startGateway({
      timeoutMs: 1,
      invoke: () => new Promise(() => undefined),
    });
    const response = await fetch(`${url}/api/x`);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ message: "Service Unavailable" });
  });

  it("sends no body in answer to HEAD", async () => {
    const { url } = await startGateway();
    const response = await fetch(`${url}/api/x`, { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("");
  });
});

describe("the page", () => {
  it.each([
    ["/", "text/html; charset=utf-8", "max-age=0,no-cache,no-store,must-revalidate"],
    ["/posts/7", "text/html; charset=utf-8", "max-age=0,no-cache,no-store,must-revalidate"],
    ["/apiary", "text/html; charset=utf-8", "max-age=0,no-cache,no-store,must-revalidate"],
    ["/favicon.svg", "image/svg+xml", "max-age=0,no-cache,no-store,must-revalidate"],
    [
      "/assets/index-B1f2c3D4.js",
      "text/javascript; charset=utf-8",
      "max-age=31536000,public,immutable",
    ],
  ])("serves %s as %s, cached %s", async (path, type, cache) => {
    const { url } = await startGateway();
    const response = await fetch(url + path);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(type);
    expect(response.headers.get("cache-control")).toBe(cache);
  });

  it("answers 404 for a file that is not there and 405 for a write", async () => {
    const { url } = await startGateway();
    expect((await fetch(`${url}/assets/gone.js`)).status).toBe(404);
    expect((await fetch(`${url}/`, { method: "POST" })).status).toBe(405);
  });

  it.each(["/../secret.txt", "/..%2fsecret.txt", "/assets/%2e%2e/%2e%2e/secret.txt"])(
    "keeps %s inside its folder",
    async (path) => {
      const { port } = await startGateway();
      // fetch would tidy the path; a raw request does not.
      const body = await rawGet(port, path);
      expect(body).not.toContain("secret");
    },
  );

  it("says what is wrong when it has not been built", async () => {
    const { url } = await startGateway({}, false);
    const response = await fetch(`${url}/`);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain("vite: &#60;no such file&#62;");
  });
});

describe("listenLocal", () => {
  it("rejects when the port is taken", async () => {
    const { port } = await startGateway();
    await expect(listenLocal(port)).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  it("lets requests wait until there is something to serve", async () => {
    const listener = await listenLocal(0);
    onTestFinished(() => listener.close());
    const early = fetch(`http://127.0.0.1:${listener.port}/`);
    listener.serve((_, response) => response.end("ready"));
    expect(await (await early).text()).toBe("ready");
  });
});

/** Sends a body without a Content-Length; answers the status. */
function postChunked(port: number, path: string, body: Buffer): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { "transfer-encoding": "chunked" };
    const options = { host: "127.0.0.1", port, path, method: "POST", headers };
    httpRequest(options, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end(body);
  });
}

function rawGet(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    httpRequest({ host: "127.0.0.1", port, path }, (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () => resolve(body));
    })
      .on("error", reject)
      .end();
  });
}
