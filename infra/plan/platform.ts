/**
 * Puts SST's platform (its components and providers, about 320 MB) into `.sst/platform`, as `sst install` does, without
 * an account and without the Pulumi CLI, which only a deployment needs.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** `sst install` takes 4–15 s with bun; anything near this limit is a registry that does not answer. */
const installTimeoutMs = 5 * 60_000;

export interface Platform {
  /** The project's root. */
  root: string;
  /** `.sst/platform` */
  folder: string;
  /** Packages that the program may use as globals, from provider-lock.json. */
  providers: { alias: string; package: string }[];
}

/** Returns the platform, installing it first when it is missing. Throws with the installer's output when that fails. */
export function ensurePlatform(root: string, progress: (line: string) => void): Platform {
  const lock = join(root, ".sst", "provider-lock.json");
  const folder = join(root, ".sst", "platform");
  // SST writes the lock last, so an installation that was cut short has none.
  if (!existsSync(lock) || installedVersion(folder) !== wantedVersion(root)) {
    progress("Installing the SST platform into .sst (once, about 320 MB) …");
    install(root);
    progress("Installed.");
  }
  const providers = z
    .array(z.object({ alias: z.string(), package: z.string() }))
    .parse(JSON.parse(readFileSync(lock, "utf8")));
  return { root, folder, providers };
}

function installedVersion(folder: string): string | undefined {
  const file = join(folder, "version");
  return existsSync(file) ? readFileSync(file, "utf8").trim() : undefined;
}

function wantedVersion(root: string): string {
  const manifest = readFileSync(join(root, "node_modules", "sst", "package.json"), "utf8");
  return z.object({ version: z.string() }).parse(JSON.parse(manifest)).version;
}

function install(root: string): void {
  const bin = join(root, "node_modules", ".bin");
  const result = spawnSync(join(bin, "sst"), ["install", "--stage", "plan"], {
    cwd: root,
    encoding: "utf8",
    timeout: installTimeoutMs,
    env: {
      ...process.env,
      // Or SST downloads the Pulumi CLI, which evaluating the plan does not need.
      SST_SKIP_DEPENDENCY_CHECK: "1",
      SST_BUN_PATH: join(bin, "bun"),
      DO_NOT_TRACK: "1",
      // Or the AWS SDK inside SST asks the metadata address for credentials.
      AWS_EC2_METADATA_DISABLED: "true",
    },
  });
  if (result.status === 0) return;
  const reason = result.error?.message ?? `${result.stdout}${result.stderr}`;
  throw new Error(`\`sst install\` failed: ${reason.trim()}`);
}
