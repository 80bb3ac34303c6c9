/**
 * `chaos [--publications 100] [--kills 200] [--seed 1]`: real uploads through a local system whose processes are killed all
 * the while. The last line sums up; exit code 1 unless nothing was lost, doubled or left behind, and no secret printed.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type ChaosReport, runChaos } from "../chaos/run.ts";
import { runCommand, toCount } from "./command.ts";

const usage = `Usage: chaos [options]
  --publications N   how many videos are published (100)
  --kills N          how many processes are killed meanwhile (200)
  --host-kills N     how many of them are the whole host (a tenth)
  --creators N       how many creators publish (a tenth of the publications, at least 5)
  --pause MS         mean time between two kills (1500)
  --seed N           what dies when, and which videos there are (1)
  --keep             leave the folder of the run in place
`;

/** A publication that lost its messages again and again is looked at every quarter of an hour. */
const patienceMs = 20 * 60_000;

const print = (text: string) => void process.stdout.write(`${text}\n`);

async function main(): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: process.argv.slice(2).filter((argument) => argument !== "--"),
    options: {
      publications: { ...text, default: "100" },
      kills: { ...text, default: "200" },
      "host-kills": text,
      creators: text,
      pause: { ...text, default: "1500" },
      seed: { ...text, default: "1" },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return print(usage);
  const publications = toCount("--publications", values.publications);
  const kills = toCount("--kills", values.kills);
  const { "host-kills": hostKills = String(Math.round(kills / 10)) } = values;
  const { creators = String(Math.max(5, Math.ceil(publications / 10))) } = values;
  const folder = await mkdtemp(join(tmpdir(), "clipcast-chaos-"));
  process.once("SIGINT", () => {
    void rm(folder, { recursive: true, force: true }).finally(() => process.exit(130));
  });
  try {
    const report = await runChaos({
      seed: toCount("--seed", values.seed),
      publications,
      kills,
      hostKills: toCount("--host-kills", hostKills),
      creators: toCount("--creators", creators),
      pauseMs: toCount("--pause", values.pause),
      largeMin: 1,
      failures: Math.ceil(publications / 10),
      patienceMs,
      folder,
      say: print,
    });
    printReport(report);
    process.exitCode = isGood(report) ? 0 : 1;
  } finally {
    if (values.keep) print(`kept ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

function printReport(report: ChaosReport): void {
  const { lost, doubled, orphans, leaks, removed } = report;
  for (const [kind, lines] of Object.entries({ lost, doubled, orphans, leaks })) {
    for (const line of lines) print(`${kind}: ${line}`);
  }
  print(`killed ${say(report.killsByVictim)}`);
  print(
    `ended ${say(report.statuses)}; ${report.resumes} uploads resumed, ${report.retries} failures tried again`,
  );
  print(`cancellations answered ${say(report.cancellations)}`);
  if (removed !== null) print(`publications of the removed account: ${say(removed)}`);
  print(`${report.secrets} secrets were handed out; ${leaks.length} found in logs`);
  print(
    `publications=${report.publications} kills=${report.kills} lost=${lost.length} doubled=${doubled.length} orphans=${orphans.length} leaks=${leaks.length} seconds=${report.seconds}`,
  );
}

function say(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name}=${count}`)
    .join(" ");
}

function isGood({ lost, doubled, orphans, leaks }: ChaosReport): boolean {
  return lost.length + doubled.length + orphans.length + leaks.length === 0;
}

runCommand(main, usage);
