/**
 * `demo [video] [--size 1GiB] [--kill relay] [--json]`: the main job without a browser, on a system of its own that leaves
 * nothing behind. Exit code 1 unless exactly one post with the same bytes came of it.
 */
import { copyFile, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, styleText } from "node:util";
import { type Bar, megabytes, startBar } from "../demo/bar.ts";
import { type DemoReport, runDemo } from "../demo/run.ts";
import { builtInVideo, growVideo, parseSize, sha256Of } from "../demo/video.ts";
import { type LocalHost, startLocal } from "../index.ts";
import { runCommand } from "./command.ts";

const usage = `Usage: demo [video] [options]
  --size SIZE    grow the video to this size: 300MB, 1GiB, 4GiB
  --kill relay   kill the relay in the middle and watch it recover
  --json         the report as one object on the last line
`;

/** Large enough for several chunks, so that there is a middle to be killed in. */
const killSizeBytes = 300_000_000;

const print = (text: string) => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    // Package managers pass a separating "--" through.
    args: process.argv.slice(2).filter((argument) => argument !== "--"),
    options: {
      size: { type: "string" },
      kill: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return print(usage);
  if (values.kill !== undefined && values.kill !== "relay") {
    throw new TypeError(`--kill takes "relay", not "${values.kill}"`);
  }
  const killsRelay = values.kill === "relay";
  const size = values.size === undefined ? null : parseSize(values.size);
  const folder = await mkdtemp(join(tmpdir(), "clipcast-demo-"));
  let host: LocalHost | null = null;
  const end = async () => {
    await host?.stop();
    await rm(folder, { recursive: true, force: true });
  };
  process.once("SIGINT", () => void end().finally(() => process.exit(130)));
  try {
    print(`\n  ${styleText("bold", "ClipCast Publish")}: the main job, without a browser\n`);
    const path = await prepareVideo({
      sourcePath: positionals[0] ?? builtInVideo,
      folder,
      totalBytes: size ?? (killsRelay ? killSizeBytes : null),
    });
    const sha256 = await sha256Of(path);
    host = await startLocal({
      dir: join(folder, "state"),
      port: 0,
      settings: { isAudited: true },
      log: (line) => print(`  ${styleText("dim", line)}`),
    });
    const report = await publish(host, { path, sha256, killsRelay });
    if (values.json) print(JSON.stringify(report));
    process.exitCode = isGood(report) ? 0 : 1;
  } finally {
    await end();
  }
}

/** The user's own file is never written to; the video is used, or grown, as a copy. */
async function prepareVideo(options: {
  sourcePath: string;
  folder: string;
  totalBytes: number | null;
}): Promise<string> {
  const { sourcePath, folder, totalBytes } = options;
  const targetPath = join(folder, "video.mp4");
  if (totalBytes === null || totalBytes === (await stat(sourcePath)).size) {
    await copyFile(sourcePath, targetPath);
    return targetPath;
  }
  const bar = newBar("Video", totalBytes);
  await growVideo({ sourcePath, targetPath, totalBytes, onBytes: bar.update });
  bar.end();
  return targetPath;
}

async function publish(
  host: LocalHost,
  input: { path: string; sha256: string; killsRelay: boolean },
): Promise<DemoReport> {
  const { size } = await stat(input.path);
  print("");
  const stored = newBar("To storage", size);
  let relayed: Bar | null = null;
  const { report, publication } = await runDemo(
    host,
    { ...input, caption: "Harbour at dawn #clipcast" },
    {
      say: (text) => print(`  ${text}`),
      onStored: stored.update,
      onUploaded: () => {
        stored.end();
        print(`  ${styleText("dim", "The tab could be closed now.")}`);
        relayed = newBar("To TikTok", size);
      },
      onRelayed: (bytes) => relayed?.update(bytes),
    },
  );
  endBar(relayed);
  printReport(report, publication.postUrl, publication.failure?.message ?? null);
  return report;
}

/** Closures assign it where the compiler cannot see. */
function endBar(bar: Bar | null): void {
  bar?.end();
}

function printReport(report: DemoReport, postUrl: string | null, failure: string | null): void {
  const { upload, relay, sha256 } = report;
  const isSame = sha256.file === sha256.tiktok;
  const mark = (isTrue: boolean) => (isTrue ? styleText("green", "✔") : styleText("red", "✘"));
  print("");
  print(`  ${mark(isGood(report))} ${report.status}${failure === null ? "" : `: ${failure}`}`);
  print(
    `  ${mark(report.posts === 1)} ${report.posts} post at TikTok${postUrl ? `: ${postUrl}` : ""}`,
  );
  print(
    `  ${mark(isSame)} sha256 ${isSame ? "is the same on both sides" : "differs"}  ${sha256.file.slice(0, 16)}…`,
  );
  print(
    `    upload   ${upload.mbPerSecond} MB/s, ${upload.seconds} s for ${megabytes(report.bytes)}`,
  );
  print(
    `    relay    ${relay.mbPerSecond} MB/s, ${relay.seconds} s, peak ${relay.peakRssMb} MB RSS, ${relay.invocations} invocations`,
  );
  print(
    `    from the last part stored to the last chunk sent: ${report.lastPartToLastChunkSeconds} s\n`,
  );
}

function isGood(report: DemoReport): boolean {
  return (
    report.status === "published" &&
    report.posts === 1 &&
    report.sha256.file === report.sha256.tiktok
  );
}

function newBar(label: string, totalBytes: number): Bar {
  return startBar({
    label,
    totalBytes,
    write: (text) => void process.stdout.write(text),
    isTerminal: process.stdout.isTTY === true,
  });
}

runCommand(main, usage);
