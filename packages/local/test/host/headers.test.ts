/** The plan's headers on one machine: the same policy, with this machine's bucket and without TLS. */
import { join } from "node:path";
import { readSystem } from "@clipcast/infra/plan";
import { expect, it } from "vitest";
import { localHeaders } from "../../src/host/headers.ts";
import { projectRoot } from "../../src/index.ts";

const system = readSystem(join(projectRoot, "infra", "plan", "plan.json"));
const headers = localHeaders(system, "http://127.0.0.1:4567/");
const policy = new Map(
  (headers["content-security-policy"] ?? "").split("; ").map((directive) => {
    const [name = "", ...sources] = directive.split(" ");
    return [name, sources];
  }),
);

it("lets parts go to this machine's bucket, and nothing else anywhere else", () => {
  expect(policy.get("connect-src")).toEqual(["'self'", "http://127.0.0.1:4567"]);
  const sources = [...policy.values()].flat().filter((source) => source !== "blob:");
  expect(sources.filter((source) => !source.startsWith("'"))).toEqual(["http://127.0.0.1:4567"]);
});

it("allows nothing inline and nothing evaluated, and forbids what is not named", () => {
  expect(policy.get("default-src")).toEqual(["'none'"]);
  expect(policy.get("script-src")).toEqual(["'self'"]);
  expect(policy.get("style-src")).toEqual(["'self'"]);
  expect(policy.get("form-action")).toEqual(["'none'"]);
  expect(policy.get("frame-ancestors")).toEqual(["'none'"]);
  expect([...policy.values()].flat().filter((source) => source.includes("unsafe"))).toEqual([]);
});

it("leaves out what only makes sense over TLS, and keeps the rest as planned", () => {
  expect(policy.has("upgrade-insecure-requests")).toBe(false);
  expect(headers["strict-transport-security"]).toBeUndefined();
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["referrer-policy"]).toBe("same-origin");
});
