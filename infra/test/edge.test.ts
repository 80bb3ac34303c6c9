import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { readPlan } from "../plan/plan.ts";
import { reference } from "../plan/references.ts";
import { named } from "./mutations/mutation.ts";

/** The very function that CloudFront runs, with the key-value store that the plan would fill. */
const folder = mkdtempSync(join(tmpdir(), "clipcast-edge-test-"));
let route: (uri: string) => Promise<{ uri: string; host: string }>;

const { resources } = readPlan();
const apiEntry = z.object({ namespace: z.string(), entries: z.object({ metadata: z.json() }) });
const routeEntry = z.object({ namespace: z.string(), entry: z.string() });

function readStore(): Record<string, string> {
  const api = apiEntry.parse(named(resources, "RouterRoute/apiRouteKey.sst.aws.KvKeys").inputs);
  const site = apiEntry.parse(named(resources, "WebKvKeys.sst.aws.KvKeys").inputs);
  const routes = ["RouterRoute/apiRoutesUpdate", "WebRoutesUpdate"].map((name) =>
    routeEntry.parse(named(resources, `${name}.sst.aws.KvRoutesUpdate`).inputs),
  );
  return {
    ...Object.fromEntries(
      routes.map(({ namespace }) => [
        `${namespace}:routes`,
        JSON.stringify(routes.map(({ entry }) => entry)),
      ]),
    ),
    [`${api.namespace}:metadata`]: JSON.stringify(api.entries.metadata),
    [`${site.namespace}:metadata`]: JSON.stringify(site.entries.metadata),
    // What a build of the page puts there.
    [`${site.namespace}:/index.html`]: "s3",
    [`${site.namespace}:/assets/index-C81FQ-zS.css`]: "s3",
  };
}

beforeAll(async () => {
  const code = z.string().parse(named(resources, "RouterCloudfrontFunctionRequest").inputs.code);
  const cloudfront = `
    const store = ${JSON.stringify(readStore())};
    const cf = {
      kvs: () => ({ get: async (key) => { if (key in store) return store[key]; throw new Error(key); } }),
      updateRequestOrigin: (origin) => { cf.host = origin.domainName; },
    };`;
  const file = join(folder, "edge.mjs");
  writeFileSync(
    file,
    `${cloudfront}
     ${code.replace('import cf from "cloudfront";', "")}
     export async function route(uri) {
       const request = { uri, method: "GET", headers: { host: { value: "x.cloudfront.net" } }, cookies: {}, querystring: {} };
       await handler({ request });
       return { uri: request.uri, host: cf.host };
     }`,
  );
  ({ route } = await import(pathToFileURL(file).href));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the one origin, as CloudFront routes it", () => {
  it("serves the page", async () => {
    const page = { uri: "/index.html", host: reference("WebAssets", "regionalDomain") };
    expect(await route("/")).toEqual(page);
  });

  it("serves the page for addresses that the page itself knows", async () => {
    expect(await route("/p/pub_01J9ZK")).toMatchObject({ uri: "/index.html" });
    expect(await route("/p/pub_01J9ZK/")).toMatchObject({ uri: "/index.html" });
  });

  it("serves a built file by its name", async () => {
    const uri = "/assets/index-C81FQ-zS.css";
    expect(await route(uri)).toMatchObject({ uri });
  });

  it("sends the API's paths to the API, and none that only begins alike", async () => {
    expect(await route("/api/me")).toEqual({ uri: "/api/me", host: reference("Gateway", "host") });
    expect(await route("/apiary")).toMatchObject({ uri: "/index.html" });
  });
});

describe("caching rules", () => {
  const { cacheRules } = readPlan().system.site;

  it("let a browser keep what is named by its content, and nothing else", () => {
    expect(cacheRules).toEqual([
      { files: "**", cacheControl: "no-cache" },
      { files: "assets/**", cacheControl: "public,max-age=31536000,immutable" },
    ]);
  });
});
