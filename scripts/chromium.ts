/**
 * Finds a Chromium for the tests in a real browser, or installs one where that needs nobody's consent: as root on a
 * machine with apt, which is what a container is. Anywhere else it says what to install.
 */
import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const candidates = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].map(
  (name) => `/usr/bin/${name}`,
);
const macOsPath = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

/** For a browser that talks to this machine alone. */
export const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The path of an executable. May take minutes, once, when it has to install one. */
export function findChromium(): string {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen !== undefined && chosen !== "") {
    if (isExecutable(chosen)) return chosen;
    throw new Error(`CHROMIUM_PATH names no program that can be run: ${chosen}`);
  }
  const found = look();
  if (found !== null) return found;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) install();
  const installed = look();
  if (installed !== null) return installed;
  throw new Error(
    "No Chromium was found: install one (Debian: `apt-get install chromium`; elsewhere Google Chrome), or set CHROMIUM_PATH to the program.",
  );
}

function look(): string | null {
  return [...candidates, macOsPath].find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function install(): void {
  process.stderr.write("No Chromium found: installing Debian's by apt (once, some minutes) …\n");
  // Test files run beside each other: one installs, the others wait, then find it there.
  const script = `test -x ${candidates[0]} || { apt-get update && apt-get install -y --no-install-recommends chromium; }`;
  const lock = join(tmpdir(), "clipcast-chromium.lock");
  try {
    execFileSync("flock", [lock, "sh", "-c", script], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (cause) {
    throw new Error("Chromium could not be installed by apt; install it by hand.", { cause });
  }
}
