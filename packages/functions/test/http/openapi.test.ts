/** The document for machines: valid OpenAPI 3.1, and the routes that exist, no more and no fewer. */
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { openApiDocument } from "../../openapi/document.ts";
import { version } from "../../src/http/app.ts";
import { createHarness } from "../harness.ts";

const parameter = z.object({
  name: z.string(),
  in: z.enum(["path", "query", "header"]),
  required: z.boolean(),
  schema: z.looseObject({}),
});
const document = z.object({
  openapi: z.string(),
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({
        parameters: z.array(parameter).optional(),
        requestBody: z
          .object({
            content: z.object({
              "application/json": z.object({
                schema: z.object({ additionalProperties: z.boolean() }),
              }),
            }),
          })
          .optional(),
        responses: z.record(z.string(), z.unknown()),
      }),
    ),
  ),
});

async function served() {
  const { text, json } = await createHarness().browser().get("/api/openapi.json");
  return { text, ...document.parse(json) };
}

describe("openapi.json", () => {
  it("is what the contract's schemas say today", async () => {
    const { text } = await createHarness().browser().get("/api/openapi.json");
    expect(JSON.parse(text), "run: node packages/functions/openapi/write.ts").toEqual(
      JSON.parse(JSON.stringify(openApiDocument(version))),
    );
  });

  it("is valid OpenAPI 3.1", async () => {
    const { text, openapi } = await served();
    expect(openapi).toMatch(/^3\.1\.\d$/);
    const result = await new Validator().validate(JSON.parse(text));
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
  });

  it("describes every route there is, and the webhook not, which is TikTok's", async () => {
    const { paths } = await served();
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    // Middleware is registered for ALL; session checks make a route appear once for each handler.
    const registered = createHarness()
      .app.routes.filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
    expect(described.sort()).toEqual([...new Set(registered)].sort());
    expect(described.join()).not.toContain("webhook");
  });

  it("names every parameter of a path, and those of queries and headers", async () => {
    const { paths } = await served();
    const named = Object.entries(paths).flatMap(([path, operations]) =>
      Object.values(operations).flatMap(({ parameters = [] }) => {
        const inPath = parameters.filter((one) => one.in === "path" && one.required);
        const placeholders = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        expect(inPath.map(({ name }) => name)).toEqual(placeholders);
        return parameters.map((one) => `${path} ${one.in} ${one.name}`);
      }),
    );
    expect(named.sort()).toEqual([
      "/api/accounts/{id} path id",
      "/api/auth/tiktok query add",
      "/api/auth/tiktok query return_to",
      "/api/publications query cursor",
      "/api/publications query limit",
      "/api/tiktok/upload-init header Idempotency-Key",
    ]);
  });

  it("says of every body that unknown fields are refused, and of every route how it fails", async () => {
    const { paths } = await served();
    for (const operations of Object.values(paths)) {
      for (const { requestBody, responses } of Object.values(operations)) {
        const schema = requestBody?.content["application/json"].schema;
        expect(schema?.additionalProperties ?? false).toBe(false);
        expect(responses).toHaveProperty("default");
      }
    }
  });
});
