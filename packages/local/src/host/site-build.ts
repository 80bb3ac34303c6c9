/**
 * Builds the page with Vite when it is missing or older than its sources.
 *
 * Sources are the site's own folder and the workspace packages it depends on, however deep. A build
 * that fails does not stop the host: the API works without a page, and the page's place says why. Several hosts may
 * build at once, and others may be serving: a build happens aside and takes its place whole.
 */
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";

export type SiteBuild = { outcome: "fresh" | "built" } | { outcome: "failed"; problem: string };

/** What a failed build printed last is what explains it. */
const problemLengthMax = 4000;
const buildTimeoutMs = 120_000;

export async function buildSite(site: {
  dir: string;
  outputDir: string;
  indexPage: string;
  signal?: AbortSignal;
  /** Told when there is something to wait for. */
  onBuild?: () => void;
}): Promise<SiteBuild> {
  const index = statSync(join(site.outputDir, site.indexPage), { throwIfNoEntry: false });
  if (index !== undefined && index.mtimeMs >= newestSourceMs(site.dir)) return { outcome: "fresh" };
  const vite = join(site.dir, "node_modules", "vite", "bin", "vite.js");
  if (!existsSync(vite)) return { outcome: "failed", problem: `Vite is not installed: ${vite}` };
  site.onBuild?.();
  // On the same disk as its place, and in a folder that is nobody's source.
  const aside = mkdtempSync(join(site.dir, "node_modules", ".page-"));
  try {
    const built = join(aside, "new");
    const { code, output } = await run([vite, "build", "--outDir", built], site);
    if (code === 0) swap(built, site.outputDir, join(aside, "old"));
    return code === 0 ? { outcome: "built" } : { outcome: "failed", problem: tell(code, output) };
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** A folder cannot replace a full one in one step; who loses a race finds a page as good as its own. */
function swap(built: string, place: string, old: string): void {
  mkdirSync(place, { recursive: true });
  try {
    renameSync(place, old);
    renameSync(built, place);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}

function tell(code: number | null, output: string): string {
  // Where inside Vite it happened helps nobody.
  const words = output
    .replace(/^ +at .*\n/gm, "")
    .trim()
    .slice(-problemLengthMax);
  return words || `vite exited with ${code}`;
}

function run(
  args: string[],
  { dir, signal }: { dir: string; signal?: AbortSignal },
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd: dir,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
      timeout: buildTimeoutMs,
      killSignal: "SIGKILL",
      ...(signal === undefined ? {} : { signal }),
    });
    let output = "";
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString("utf8")).slice(-2 * problemLengthMax);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => resolve({ code: null, output: error.message }));
    child.on("close", (code) => resolve({ code, output }));
  });
}

const packageSchema = z.looseObject({ dependencies: z.record(z.string(), z.string()).optional() });

/** The newest change in the site's package and in every workspace package below it. */
function newestSourceMs(dir: string): number {
  const seen = new Set<string>();
  let newestMs = 0;
  const visit = (packageDir: string) => {
    if (seen.has(packageDir)) return;
    seen.add(packageDir);
    newestMs = Math.max(newestMs, newestInFolderMs(packageDir));
    const manifest = join(packageDir, "package.json");
    if (!existsSync(manifest)) return;
    const { dependencies = {} } = packageSchema.parse(JSON.parse(readFileSync(manifest, "utf8")));
    for (const [name, version] of Object.entries(dependencies)) {
      const linked = join(packageDir, "node_modules", name);
      if (version.startsWith("workspace:") && existsSync(linked)) visit(realpathSync(linked));
    }
  };
  visit(realpathSync(dir));
  return newestMs;
}

const ignoredFolders = new Set(["node_modules", "dist", "test"]);

/** Folders count as well as files: deleting a file changes only its folder. */
function newestInFolderMs(dir: string): number {
  let newestMs = 0;
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory() && !ignoredFolders.has(entry.name)) {
      newestMs = Math.max(newestMs, statSync(path).mtimeMs, newestInFolderMs(path));
    } else if (entry.isFile()) {
      newestMs = Math.max(newestMs, statSync(path).mtimeMs);
    }
  }
  return newestMs;
}
