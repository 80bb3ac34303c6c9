/**
 * Turns sst.config.ts into one module that Node can run, following SST's own runner step by step (its
 * pkg/js/js.go): providers and components become globals of every project file, `@pulumi/*` stays outside.
 *
 * SST builds twice, first to ask for `app()` and then with its answer built in. Here `$app`, `$cli` and `$dev` are read
 * from globalThis instead, so once is enough.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import type { Platform } from "./platform.ts";

const banner = `
import { createRequire as topLevelCreateRequire } from "module";
const require = topLevelCreateRequire(import.meta.url);
import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url";
const __filename = topLevelFileUrlToPath(import.meta.url);
const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url));
`;

/** Kept outside the bundle: loaded from the platform's node_modules, once per process. */
const external = [
  "@pulumi/*",
  "@pulumiverse/*",
  "@sst-provider/*",
  "@aws-sdk/*",
  "undici",
  "esbuild",
  "archiver",
  "glob",
  "vite",
];

/** Writes the program to `outfile`, which must lie inside the platform's folder to find `@pulumi/*`. */
export async function buildProgram(platform: Platform, outfile: string): Promise<void> {
  await build({
    stdin: {
      contents: entry(platform),
      resolveDir: platform.root,
      sourcefile: "eval.ts",
      loader: "ts",
    },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    sourcemap: "inline",
    sourcesContent: false,
    mainFields: ["module", "main"],
    nodePaths: [join(platform.folder, "node_modules")],
    external,
    inject: [join(platform.folder, "src", "shim", "run.js")],
    define: { $app: "globalThis.$app", $cli: "globalThis.$cli", $dev: "globalThis.$dev" },
    banner: { js: banner },
    plugins: [injectGlobals(platform)],
    logLevel: "silent",
  });
}

function entry(platform: Platform): string {
  const source = (...path: string[]) => JSON.stringify(join(platform.folder, "src", ...path));
  return `
    import config from ${JSON.stringify(join(platform.root, "sst.config.ts"))};
    import { run } from ${source("auto", "run.ts")};
    import { StaticSite } from ${source("components", "aws", "static-site.ts")};
    import { $transform } from ${source("components", "component.ts")};
    export const app = (input) => config.app(input);
    export const evaluate = () => run(() => config.run());
    /** Arguments of a site never reach a provider, so this is the only place to learn them. */
    export const onSite = (record) => $transform(StaticSite, (args, _options, name) => record(name, args));
  `;
}

function injectGlobals(platform: Platform): Plugin {
  const globals = [
    ...platform.providers.map(
      (provider) => `import * as ${provider.alias} from "${provider.package}";`,
    ),
    `import * as sst from ${JSON.stringify(join(platform.folder, "src", "components"))};`,
  ].join("\n");
  return {
    name: "inject-globals",
    setup(pluginBuild) {
      pluginBuild.onLoad({ filter: /\.(js|ts|jsx|tsx)$/ }, async ({ path }) => {
        const contents = await readFile(path, "utf8");
        const isProject = !path.startsWith(platform.folder);
        return { contents: isProject ? `${globals}\n${contents}` : contents, loader: "default" };
      });
    },
  };
}
