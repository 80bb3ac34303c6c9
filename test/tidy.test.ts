/**
 * The rules of the house that a linter cannot express: who may import whom, what may touch the clock, randomness, the
 * environment and the network, how long a file may be. CONTRIBUTING.md says why.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Tracked files and new ones alike, so that a rule is broken before the commit and not after it. */
const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => file !== "" && existsSync(join(root, file)));

const code = files.filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".d.ts"));
const sources = code.filter((file) => !/(^|\/)test\//.test(file));
const textOf = (file: string) => readFileSync(join(root, file), "utf8");

interface Import {
  file: string;
  target: string;
  isType: boolean;
}

function importsOf(file: string): Import[] {
  // Comments go first: an example in one of them imports nothing.
  const text = textOf(file).replaceAll(/\/\*[\s\S]*?\*\//g, "");
  const found = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)"|\bimport\("([^"]+)"\)|^import\s+"([^"]+)"/gm,
  );
  return [...found].map(([, type, from, dynamic, bare]) => ({
    file,
    target: from ?? dynamic ?? bare ?? "",
    isType: type !== undefined,
  }));
}

const isOurs = (target: string) => target.startsWith("@clipcast/");
const inPackage = (name: string) => (file: string) => file.startsWith(`packages/${name}/src/`);

describe("imports", () => {
  /** What each package may import of ours. */
  const allowed: Record<string, RegExp> = {
    core: /^@clipcast\/core\//,
    functions: /^@clipcast\/core\//,
    client: /^@clipcast\/functions\/contract$/,
    web: /^@clipcast\/client$/,
    ops: /^@clipcast\/core\//,
    sandbox: /^$/,
  };

  it.each(Object.entries(allowed))("%s imports only what lies below it", (name, rule) => {
    const wrong = sources
      .filter(inPackage(name))
      .flatMap(importsOf)
      .filter(({ target }) => isOurs(target) && !rule.test(target));
    expect(wrong).toEqual([]);
  });

  it("lets the client take types of the functions and nothing else", () => {
    const wrong = sources
      .filter(inPackage("client"))
      .flatMap(importsOf)
      .filter(({ target, isType }) => isOurs(target) && !isType);
    expect(wrong).toEqual([]);
  });

  it("keeps core's domains in their order", () => {
    const order = [
      ["errors", "system"],
      ["post", "table", "wire"],
      ["storage"],
      ["tiktok"],
      ["auth"],
      ["publications"],
      ["uploads"],
      ["publishing"],
      ["operations"],
      ["testing"],
    ];
    const rankOf = (domain: string) => order.findIndex((rank) => rank.includes(domain));
    const wrong = sources.filter(inPackage("core")).flatMap((file) => {
      const domain = file.split("/")[3] ?? "";
      return importsOf(file)
        .filter(({ target }) => target.startsWith(".."))
        .map(({ target }) => target.split("/")[1] ?? "")
        .filter((other) => rankOf(other) > rankOf(domain) || rankOf(other) === -1)
        .map((other) => `${file} → ${other}`);
    });
    expect(wrong).toEqual([]);
  });

  it("keeps fakes out of what is deployed", () => {
    const deployed = sources.filter((file) => /^packages\/(core|functions)\/src\//.test(file));
    const wrong = deployed
      .filter((file) => !file.includes("/testing/"))
      .flatMap(importsOf)
      .filter(({ target }) => target.includes("testing"));
    expect(wrong).toEqual([]);
  });

  it("has no cycles", () => {
    const targetsOf = new Map(
      sources.map((file) => [
        file,
        importsOf(file)
          .filter(({ target, isType }) => target.startsWith(".") && !isType)
          .map(({ target }) => normalize(join(dirname(file), target))),
      ]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: string[]) => {
      if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(" → "));
      if (path.includes(file) || done.has(file)) return;
      for (const target of targetsOf.get(file) ?? []) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of sources) visit(file, []);
    expect(cycles).toEqual([]);
  });
});

describe("the world outside", () => {
  /** What reaches out, and the files of core, functions and client that are its home. */
  const reaches: [string, RegExp, string[]][] = [
    [
      "clock",
      /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|(?<!\.)\bsetTimeout\(|\bsetInterval\(/,
      ["packages/functions/src/deps.ts", "packages/client/src/runtime.ts"],
    ],
    [
      "randomness",
      /\bMath\.random\(|\brandomBytes\(|\brandomUUID\(|\bgetRandomValues\(/,
      ["packages/functions/src/deps.ts", "packages/client/src/runtime.ts"],
    ],
    [
      "environment",
      /\bprocess\.env\b|\bResource\b\s*(\[|\.|as\b)/,
      ["packages/functions/src/deps.ts"],
    ],
    [
      "network",
      /\bfrom "node:(https?|net|tls)"|[^.\w]fetch\(/,
      [
        ...["api.ts", "transport.ts", "node.ts"].map((file) => `packages/client/src/${file}`),
        "packages/core/src/wire/connection.ts",
      ],
    ],
  ];
  const pure = sources.filter((file) => /^packages\/(core|functions|client)\/src\//.test(file));

  it.each(reaches)("reaches the %s only from its home", (_, pattern, homes) => {
    const wrong = pure.filter((file) => {
      const text = textOf(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
      return !homes.includes(file) && pattern.test(text);
    });
    expect(wrong).toEqual([]);
  });

  it("never asks whether it runs locally", () => {
    expect(pure.filter((file) => /\bis_?local\b|=== "local"/i.test(textOf(file)))).toEqual([]);
  });
});

describe("files", () => {
  const linesMax = 300;

  it(`has no file above ${linesMax} lines`, () => {
    const long = files
      .filter((file) => /\.(tsx?|css|mjs)$/.test(file) && file !== "sst-env.d.ts")
      .map((file) => ({ file, lines: textOf(file).split("\n").length - 1 }))
      .filter(({ lines }) => lines > linesMax);
    expect(long).toEqual([]);
  });

  it("opens every source with what it owns", () => {
    const isCommented = (file: string) => /^(#!.*\n)?(\/\/\/.*\n+)?\/(\*|\/)/.test(textOf(file));
    const silent = sources.filter((file) => !isCommented(file) && !/config\.ts$/.test(file));
    expect(silent).toEqual([]);
  });

  it("names files in lower case with hyphens", () => {
    expect(code.filter((file) => !/^[a-z0-9/.-]+$/.test(file))).toEqual([]);
  });

  it("has no folder for leftovers", () => {
    expect(
      files.filter((file) => /\/(utils?|helpers?|services|common|misc)(\/|\.ts)/.test(file)),
    ).toEqual(
      // The host's `services.ts` owns the embedded servers: what AWS itself calls services.
      ["packages/local/src/host/services.ts"],
    );
  });

  it("pins every dependency exactly", () => {
    const manifests = files.filter((file) => file.endsWith("package.json"));
    const loose = manifests.flatMap((file) => {
      const { dependencies, devDependencies } = JSON.parse(textOf(file));
      return Object.entries<string>({ ...dependencies, ...devDependencies })
        .filter(([, version]) => !/^((npm:[@\w/.-]+@)?\d+\.\d+\.\d+|workspace:\*)$/.test(version))
        .map(([name, version]) => `${file}: ${name} ${version}`);
    });
    expect(loose).toEqual([]);
  });

  it("leaves no debt without an issue", () => {
    const marks = /\b(TODO|FIXME|XXX)\b(?! ?#\d+)|@ts-(ignore|expect-error)|\bas any\b/;
    const indebted = code.filter(
      (file) => file !== "test/tidy.test.ts" && marks.test(textOf(file)),
    );
    expect(indebted).toEqual([]);
  });
});
