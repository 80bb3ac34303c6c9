import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundleFunction } from "../plan/bundle.ts";
import { diffValues } from "../plan/diff.ts";
import { answerCall, provideAttributes } from "../plan/providers.ts";
import { reference, resolveReferences } from "../plan/references.ts";
import { listResources } from "../plan/resources.ts";
import { secretValue } from "../plan/secrets.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "clipcast-infra-test-"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("bundling a function", () => {
  const build = { handler: "src/hello.handler", minify: true, sourcemap: true };
  const source = (text: string) => {
    mkdirSync(join(root, "src"), { recursive: true });
    writeFileSync(join(root, "src", "hello.ts"), text);
  };

  it("writes a module that Lambda can load", async () => {
    source("const who: string = 'you'; export const handler = () => 'hello ' + who;");
    const bundle = await bundleFunction({ root, outDir: join(root, "out"), build });
    expect(bundle.handler).toBe("hello.handler");
    const module = await import(pathToFileURL(bundle.file).href);
    expect(module.handler()).toBe("hello you");
  });

  it("refuses a handler whose file is missing", async () => {
    const bundling = bundleFunction({ root, outDir: root, build });
    await expect(bundling).rejects.toThrow("Handler not found: src/hello.ts");
  });

  it("refuses a file that does not export the handler", async () => {
    source("export const handle = () => 1;");
    const bundling = bundleFunction({ root, outDir: root, build });
    await expect(bundling).rejects.toThrow("does not export `handler`");
  });
});

describe("the difference of two plans", () => {
  it("is told by name and not by position", () => {
    const before = {
      queues: [
        { name: "A", delay: 1 },
        { name: "B", delay: 2 },
      ],
    };
    const after = {
      queues: [
        { name: "New", delay: 0 },
        { name: "A", delay: 1 },
        { name: "B", delay: 3 },
      ],
    };
    expect(diffValues(before, after)).toEqual([
      "queues.B.delay: 2 → 3",
      'queues.New: nothing → {"name":"New","delay":0}',
    ]);
  });

  it("is empty for equal plans and cut short for very different ones", () => {
    expect(diffValues({ a: [1, { b: null }] }, { a: [1, { b: null }] })).toEqual([]);
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`key${index}`, 1]));
    expect(diffValues({}, many).at(-1)).toBe("… and 20 more");
  });
});

describe("references", () => {
  const queue = {
    type: "aws:sqs/queue:Queue",
    name: "WorkQueue",
    parent: "Work",
    inputs: { name: "app-stage-WorkQueue-abcdefgh" },
    protect: false,
    retainOnDelete: false,
  };
  const { attributes } = provideAttributes(queue);
  const component = {
    ...queue,
    type: "sst:aws:Queue",
    name: "Work",
    parent: null,
    inputs: {},
    attributes: {},
  };

  it("take the place of made-up values, under the component's name", () => {
    const value = `send to ${attributes.url?.value} with ${secretValue("Pass")} in ${root}/src`;
    const secret = { ...component, type: "sst:sst:Secret", name: "Pass" };
    const reader = { ...component, type: "aws:x/y:Z", name: "Reader", inputs: { value } };
    const { registrations } = resolveReferences(
      {
        app: "app",
        registrations: [{ ...queue, attributes }, component, secret, reader],
        links: [],
        builds: {},
        sites: [],
      },
      { root, workDir: "/nowhere" },
    );
    const [resource] = listResources(registrations).filter(({ name }) => name === "Reader");
    expect(resource?.inputs.value).toBe(
      `send to ${reference("Work", "url")} with ${reference("Pass", "value")} in src`,
    );
  });

  it("refuse a look-up that nobody can answer offline", () => {
    expect(() => answerCall("aws:route53/getZone:getZone", {})).toThrow();
  });
});
