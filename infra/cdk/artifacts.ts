/** Builds what the stack uploads: the code of each function, bundled as SST does, and the page. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundleFunction } from "../plan/bundle.ts";
import { projectRoot } from "../plan/evaluate.ts";
import type { Plan } from "../plan/plan.ts";
import type { Artifacts } from "./context.ts";

const buildTimeoutMs = 120_000;

/** Writes into `folder`, which must lie in the project: source maps name files relative to the bundle. */
export async function buildArtifacts(plan: Plan, folder: string): Promise<Artifacts> {
  const page = join(folder, "page");
  const bundles: Artifacts["bundles"] = {};
  for (const [name, build] of Object.entries(plan.builds)) {
    const directory = join(folder, name);
    const { handler } = await bundleFunction({ root: projectRoot, outDir: directory, build });
    bundles[name] = { directory, handler };
  }
  await buildPage(join(projectRoot, plan.system.site.path), page);
  return { bundles, page };
}

/** Aside, and not where the local host may be serving from. */
async function buildPage(site: string, page: string): Promise<void> {
  const vite = join(site, "node_modules", "vite", "bin", "vite.js");
  await promisify(execFile)(process.execPath, [vite, "build", "--outDir", page], {
    cwd: site,
    timeout: buildTimeoutMs,
    env: { ...process.env, NO_COLOR: "1" },
  });
}
