/** The way to a system, with a program in the place of `sst` that does what `sst shell` does. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { announceHost } from "../src/running.ts";
import { innerArguments, reachSystem } from "../src/target.ts";

function makeDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "clipcast-ops-target-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Writes down what it was asked to run and ends as told. */
function fakeSst(exitCode: number): { path: string; calls(): unknown } {
  const dir = makeDir();
  const path = join(dir, "sst");
  const note = join(dir, "note.json");
  writeFileSync(
    path,
    `#!${process.execPath}
     const inner = process.env.CLIPCAST_OPS_ARGUMENTS;
     const call = { argv: process.argv.slice(2), cwd: process.cwd(), inner };
     require("node:fs").writeFileSync(${JSON.stringify(note)}, JSON.stringify(call));
     process.exit(${exitCode});`,
    { mode: 0o700 },
  );
  return { path, calls: () => JSON.parse(readFileSync(note, "utf8")) };
}

describe("a stage", () => {
  const args = ["dead", "redrive", "an id with spaces", "--stage", "production"];
  const input = { stage: "production", dir: null, args };

  it.each([0, 1, 3])(
    "is reached through its shell, whose exit code %i is ours",
    async (exitCode) => {
      const sst = fakeSst(exitCode);
      const reached = await reachSystem(input, { PATH: process.env.PATH }, sst.path);
      expect(reached).toEqual({ type: "elsewhere", exitCode });
      const call = sst.calls() as { argv: string[]; cwd: string; inner: string };
      const program = "packages/ops/src/main.ts";
      expect(call.argv).toEqual(["shell", "--stage", "production", "--", "node", program]);
      expect(readFileSync(join(call.cwd, program), "utf8")).toContain("innerArguments");
      expect(innerArguments({ CLIPCAST_OPS_ARGUMENTS: call.inner })).toEqual(args);
    },
  );

  it("is here, once inside of its shell", async () => {
    const inside = {
      CLIPCAST_OPS_ARGUMENTS: JSON.stringify(args),
      SST_RESOURCE_App: '{"name":"clipcast-publish","stage":"production"}',
    };
    expect(await reachSystem(input, inside, "/nowhere/sst")).toEqual({ type: "here" });
  });

  it("is not asked for again and again when its shell gives nothing", async () => {
    const inside = { CLIPCAST_OPS_ARGUMENTS: JSON.stringify(args) };
    await expect(reachSystem(input, inside, "/nowhere/sst")).rejects.toThrow(
      "Is the stage deployed?",
    );
  });

  it.each(["two words", "--yes", "", "a;b"])("has no name like %j", async (stage) => {
    const odd = reachSystem({ ...input, stage }, {}, fakeSst(0).path);
    if (stage === "--yes") expect(await odd).toMatchObject({ type: "elsewhere" });
    else await expect(odd).rejects.toThrow("no stage's name");
  });
});

describe("the local run", () => {
  const variables = { AWS_REGION: "us-east-1", SST_RESOURCE_App: '{"stage":"local"}' };

  it("is reached by its note, and nothing of another system stays in the environment", async () => {
    const dir = makeDir();
    announceHost(dir, variables);
    const environment = { AWS_PROFILE: "prod", AWS_SESSION_TOKEN: "t", HOME: "/home/me" };
    const reached = await reachSystem({ stage: null, dir, args: [] }, environment);
    expect(reached).toEqual({ type: "here" });
    expect(environment).toEqual({ HOME: "/home/me", ...variables });
  });

  it("is meant when its folder is named, even in the shell of a stage", async () => {
    const environment = { SST_RESOURCE_App: '{"stage":"production"}' };
    const input = { stage: null, dir: makeDir(), args: [] };
    await expect(reachSystem(input, environment)).rejects.toThrow("pnpm@12 start");
    announceHost(input.dir, variables);
    await reachSystem(input, environment);
    expect(environment).toEqual(variables);
  });

  it("gives way to a shell of one's own", async () => {
    const environment = { SST_RESOURCES_JSON: "{}" };
    const reached = await reachSystem({ stage: null, dir: null, args: [] }, environment);
    expect(reached).toEqual({ type: "here" });
    expect(environment).toEqual({ SST_RESOURCES_JSON: "{}" });
  });
});
