/**
 * The API: routes of the contract, each parsing its request, calling one operation of core and translating the outcome.
 */

import { inflateRawSync } from "node:zlib";
import { bodyLimit } from "hono/body-limit";
import { routePath } from "hono/route";
import { Hono } from "hono/tiny";
import type { ApiDeps } from "../deps.ts";
import { accountRoutes } from "./account-routes.ts";
import { loginRoutes } from "./login-routes.ts";
import { openApiPacked } from "./openapi-packed.ts";
import { onError, problemResponse } from "./problems.ts";
import { publicationRoutes } from "./publication-routes.ts";
import { type Env, sameOrigin } from "./session.ts";
import { uploadRoutes } from "./upload-routes.ts";

/**
 * The largest body is a batch of part numbers and a caption: a few kilobytes. API Gateway hands a body over whole, 10 MB
 * at most (HTTP API quotas) and 6 MB through Lambda (its quotas), and Hono's adapter states the length that it found; a
 * host that streams is read no further than this.
 */
const bodyBytesMax = 64 * 1024;

export const version = "0.1.0";

export function createApp(deps: ApiDeps) {
  const app = new Hono<Env>().basePath("/api");
  app.onError((error, c) => onError(deps.log, error, c));
  app.notFound((c) =>
    problemResponse(c, { status: 404, code: "not_found", detail: "There is no such route." }),
  );
  app.use(async (c, next) => {
    const startedMs = deps.clock.nowMs();
    await next();
    deps.log.event("request", {
      route: `${c.req.method} ${routePath(c, -1)}`,
      status: c.res.status,
      durationMs: deps.clock.nowMs() - startedMs,
    });
    // Answers are about one user and one moment; nobody between us may keep them.
    c.header("Cache-Control", "no-store");
  });
  app.use(bodyLimit({ maxSize: bodyBytesMax }));
  app.use(sameOrigin(deps));

  app.get("/openapi.json", (c) => {
    c.header("Content-Type", "application/json");
    return c.body(inflateRawSync(Buffer.from(openApiPacked, "base64")).toString());
  });
  app.get("/health", async (c) => {
    const health = await checkHealth(deps);
    return c.json(health, health.isHealthy ? 200 : 503);
  });
  app.route("/auth", loginRoutes(deps));
  app.route("/", accountRoutes(deps));
  app.route("/tiktok", uploadRoutes(deps));
  app.route("/", publicationRoutes(deps));
  return app;
}

/** Whether the table and the bucket answer; a missing row or object is an answer. */
async function checkHealth(deps: ApiDeps) {
  const key = { pk: "HEALTH", sk: "HEALTH" };
  const [table, storage] = await Promise.allSettled([
    deps.table.get(key),
    deps.storage.head("health"),
  ]);
  const word = (result: PromiseSettledResult<unknown>) =>
    result.status === "fulfilled" ? "ok" : "unreachable";
  return {
    isHealthy: table.status === "fulfilled" && storage.status === "fulfilled",
    version,
    stage: deps.stage,
    table: word(table),
    storage: word(storage),
  };
}
