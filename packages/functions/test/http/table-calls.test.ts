/**
 * What each route costs at the table: every call of the port is one request to DynamoDB, which is time for whoever waits
 * and money for whoever pays. A number here changes on purpose or not at all.
 */
import { gather } from "@clipcast/core/table";
import { expect, it } from "vitest";
import { signResponse } from "../../src/contract.ts";
import { type Browser, read } from "../browser.ts";
import {
  beginUpload,
  connected,
  initBody,
  onePart,
  openId,
  planOf,
  putParts,
  twoParts,
  uploaded,
} from "../creator.ts";
import { createHarness, type Harness } from "../harness.ts";

const calls = ["put", "remove", "query", "due"] as const;
/** `reads` is one request for several rows. */
type Call = (typeof calls)[number] | "get" | "reads";

/** Counts from here on what the API asks of the table; reads that are begun together go as one, as to DynamoDB. */
function countCalls({ deps }: Harness): () => Partial<Record<Call, number>> {
  const counts: Partial<Record<Call, number>> = {};
  for (const name of calls) {
    const original: unknown = deps.table[name];
    if (typeof original !== "function") throw new Error(`the table has no ${name}`);
    const value = (...given: unknown[]) => {
      counts[name] = (counts[name] ?? 0) + 1;
      return Reflect.apply(original, deps.table, given);
    };
    Object.defineProperty(deps.table, name, { value });
  }
  const { get } = deps.table;
  deps.table.get = gather((keys) => {
    const name = keys.length === 1 ? "get" : "reads";
    counts[name] = (counts[name] ?? 0) + 1;
    return Promise.all(keys.map(get));
  });
  return () => counts;
}

interface Route {
  route: string;
  /** Brings about what the route needs; not counted. Answers the call that is. */
  prepare(harness: Harness, browser: Browser): Promise<() => Promise<{ status: number }>>;
  costs: Partial<Record<Call, number>>;
}

const begun = async (browser: Browser, video = twoParts) =>
  (await beginUpload(browser, video)).publication.id;

const routes: Route[] = [
  {
    route: "GET /api/session",
    prepare: async (_, browser) => () => browser.get("/api/session"),
    costs: { get: 1, query: 1 },
  },
  {
    route: "GET /api/me",
    prepare: async (_, browser) => () => browser.get("/api/me"),
    costs: { get: 1, query: 1 },
  },
  {
    route: "GET /api/publications",
    prepare: async (_, browser) => {
      for (let n = 0; n < 3; n += 1) await begun(browser, onePart);
      return () => browser.get("/api/publications");
    },
    costs: { get: 1, query: 1 },
  },
  {
    route: "POST /api/tiktok/creator-info",
    prepare: async (_, browser) => () =>
      browser.post("/api/tiktok/creator-info", { accountId: openId }),
    costs: { reads: 1 },
  },
  {
    route: "POST /api/tiktok/upload-init",
    prepare: async (_, browser) => () => {
      const body = { ...initBody(twoParts.length), plan: planOf(twoParts) };
      return browser.post("/api/tiktok/upload-init", body);
    },
    costs: { reads: 1, put: 3 },
  },
  {
    route: "POST /api/tiktok/upload-init, with a key",
    prepare: async (_, browser) => () => {
      const body = { ...initBody(twoParts.length), plan: planOf(twoParts) };
      return browser.post("/api/tiktok/upload-init", body, {
        headers: { "idempotency-key": "one" },
      });
    },
    costs: { reads: 1, put: 4 },
  },
  {
    route: "PUT /api/tiktok/upload-chunk, a hundred parts or one",
    prepare: async (_, browser) => {
      const publicationId = await begun(browser);
      const [crc32 = ""] = planOf(twoParts).crc32s;
      return async () => {
        const body = { publicationId, parts: [{ partNumber: 1, crc32 }] };
        const answer = await browser.call("PUT", "/api/tiktok/upload-chunk", { body });
        read(answer, signResponse);
        return answer;
      };
    },
    costs: { reads: 1 },
  },
  {
    route: "POST /api/tiktok/upload-parts",
    prepare: async (_, browser) => {
      const publicationId = await begun(browser);
      return () => browser.post("/api/tiktok/upload-parts", { publicationId });
    },
    costs: { reads: 1 },
  },
  {
    route: "POST /api/tiktok/upload-status, uploading",
    prepare: async (_, browser) => {
      const publicationId = await begun(browser);
      return () => browser.post("/api/tiktok/upload-status", { publicationId });
    },
    costs: { reads: 1 },
  },
  {
    route: "POST /api/tiktok/upload-status, queued",
    prepare: async (harness, browser) => {
      const { id } = await uploaded(harness, browser);
      return () => browser.post("/api/tiktok/upload-status", { publicationId: id });
    },
    costs: { reads: 1 },
  },
  {
    route: "POST /api/tiktok/upload-complete",
    prepare: async (harness, browser) => {
      const answer = await beginUpload(browser, onePart);
      await putParts(harness, answer, onePart);
      const publicationId = answer.publication.id;
      return () => browser.post("/api/tiktok/upload-complete", { publicationId });
    },
    costs: { reads: 1, put: 1 },
  },
  {
    route: "POST /api/tiktok/publish-cancel, uploading",
    prepare: async (_, browser) => {
      const publicationId = await begun(browser);
      return () => browser.post("/api/tiktok/publish-cancel", { publicationId });
    },
    costs: { reads: 1, put: 1 },
  },
  {
    route: "POST /api/auth/logout",
    prepare: async (_, browser) => () => browser.post("/api/auth/logout", {}),
    costs: { remove: 1 },
  },
];

it.each(routes)("$route asks the table no more often", async ({ prepare, costs }) => {
  const harness = createHarness();
  const browser = await connected(harness);
  const call = await prepare(harness, browser);
  const counts = countCalls(harness);
  expect((await call()).status).toBeLessThan(300);
  expect(counts()).toEqual(costs);
});
