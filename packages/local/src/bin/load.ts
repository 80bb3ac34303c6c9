/**
 * `load [--small 1000] [--big 20]`: so many publications at once on a local system of its own, and one user's flood
 * against another user's single video. The last line sums up; exit code 1 unless each became exactly one post.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { parseSize } from "../demo/video.ts";
import { describe, isGood } from "../load/report.ts";
import { type LoadOptions, runLoad } from "../load/run.ts";
import { runCommand, toCount } from "./command.ts";

const usage = `Usage: load [options]
  --small N           small videos (1000)
  --small-size SIZE   of each (1MB)
  --big N             big videos (20)
  --big-size SIZE     of each (1GB)
  --users N           whose videos these are (50)
  --accounts N        TikTok accounts of each user (4)
  --noise N           videos of the noisy user for the fairness figure (500; 0 leaves it out)
  --chunk-time MS     what TikTok takes for each chunk of the noisy user (2000)
  --keep              leave the folder of the run in place
`;

const patienceMs = 60 * 60_000;

const print = (text: string) => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  const options = readOptions();
  if (options === null) return print(usage);
  const folder = await mkdtemp(join(tmpdir(), "clipcast-load-"));
  process.once("SIGINT", () => {
    void rm(folder, { recursive: true, force: true }).finally(() => process.exit(130));
  });
  try {
    const report = await runLoad({ ...options.load, patienceMs, folder, say: print });
    for (const line of describe(report)) print(line);
    process.exitCode = isGood(report) ? 0 : 1;
  } finally {
    if (options.keeps) print(`kept ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

/** Null when help is asked for. */
function readOptions(): {
  load: Omit<LoadOptions, "patienceMs" | "folder" | "say">;
  keeps: boolean;
} | null {
  const text = (value: string) => ({ type: "string", default: value }) as const;
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    args: process.argv.slice(2).filter((argument) => argument !== "--"),
    options: {
      small: text("1000"),
      "small-size": text("1MB"),
      big: text("20"),
      "big-size": text("1GB"),
      users: text("50"),
      accounts: text("4"),
      noise: text("500"),
      "chunk-time": text("2000"),
      keep: flag,
      help: flag,
    },
  });
  if (values.help) return null;
  const smallBytes = parseSize(values["small-size"]);
  return {
    keeps: values.keep,
    load: {
      small: { count: toCount("--small", values.small), bytes: smallBytes },
      big: { count: toCount("--big", values.big), bytes: parseSize(values["big-size"]) },
      users: toCount("--users", values.users),
      accountsPerUser: toCount("--accounts", values.accounts),
      noise: {
        videos: toCount("--noise", values.noise),
        bytes: smallBytes,
        chunkMs: toCount("--chunk-time", values["chunk-time"]),
        samples: { alone: 3, amid: 5 },
      },
    },
  };
}

runCommand(main, usage);
