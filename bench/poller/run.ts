/**
 * `bench poller`: what a tick costs when a hundred thousand publications wait for later, beside a tick without them; and
 * how long a thousand take that are all due in one tick of a TikTok that takes 200 ms for each answer.
 */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pollReserveMs } from "@clipcast/core/publishing";
import { readSystem } from "@clipcast/infra/plan";
import { projectRoot } from "@clipcast/local";
import { startChild } from "../child.ts";
import { lambdaMbPerVcpu } from "../cost/prices.ts";
import {
  type BenchOptions,
  type Figure,
  type Figures,
  medianRow,
  type Reported,
  toResult,
} from "../report.ts";
import { addressSchema, type PollAnswer, pollAnswerSchema } from "./protocol.ts";
import { createSeeder, type Seeder } from "./seed.ts";

const usual = { waiting: 100_000, due: 1_000, rounds: 5 };
/** Beside the waiting ones. */
const dueEach = 100;
const latencyMs = 200;
/** What one tick has on Lambda, and the share of a core that it has it with. */
const { deadlineMs, cores } = tickOfPlan();
/** Four videos each of a thousand that are due at once. */
const accounts = 250;
const tables = { alone: "alone", crowded: "crowded", burst: "burst" };
const allowedCalls = [
  "GetItem",
  "Get",
  "BatchGetItem",
  "BatchGet",
  "PutItem",
  "Put",
  "DeleteItem",
  "Delete",
  "Query",
];

const figures: Figure[] = [
  { key: "seconds", title: "seconds", digits: 2, ratio: { key: "time", title: "× time" } },
  { key: "calls", title: "requests", digits: 0, ratio: { key: "calls", title: "× requests" } },
  { key: "readUnits", title: "read units", digits: 1, ratio: { key: "reads", title: "× reads" } },
  { key: "writeUnits", title: "write units", digits: 1 },
  { key: "cpuSeconds", title: "CPU s", digits: 2, ratio: { key: "cpu", title: "× CPU" } },
  { key: "peakRssMb", title: "peak RSS MB", digits: 0, ratio: { key: "rss", title: "× RSS" } },
  { key: "settled", title: "settled", digits: 0 },
];
const burstFigures: Figure[] = [
  ...figures,
  { key: "lambdaCpuSeconds", title: "CPU s by memory", digits: 1 },
];

export async function benchPoller(options: BenchOptions): Promise<Reported[]> {
  const { say } = options;
  const { waiting = usual.waiting, due = usual.due, rounds = usual.rounds } = withoutNulls(options);
  const dir = await mkdtemp(join(tmpdir(), "clipcast-bench-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  const dynamo = await startChild({
    path: pathOf("./dynamo.ts"),
    input: { dir, tables: Object.values(tables) },
    answer: addressSchema,
  });
  const { url } = dynamo.answer;
  try {
    const seeder = await createSeeder(url, accounts);
    for (const table of Object.values(tables)) await seeder.connectAccounts(table);
    say(`${waiting} publications are made that wait for later`);
    // Within the week that the poller gives a publication, spread over it.
    const laterMs = (index: number) => Date.now() + 3_600_000 + index;
    await seeder.add(tables.crowded, { name: "w", count: waiting, accounts, dueAtMs: laterMs });
    const crowd = await benchCrowd({ url, seeder, waiting, rounds, say });
    return [crowd, await benchBurst({ url, seeder, due, say })];
  } finally {
    await dynamo.stop();
  }
}

interface Bench {
  url: string;
  seeder: Seeder;
  say(line: string): void;
}

async function benchCrowd({
  url,
  seeder,
  waiting,
  rounds,
  say,
}: Bench & { waiting: number; rounds: number }): Promise<Reported> {
  const contenders = [
    { name: "100 due", table: tables.alone, about: "nothing else in the table" },
    { name: `100 due, ${waiting} wait`, table: tables.crowded, about: "the others are due later" },
  ];
  const runs = new Map<string, Figures[]>(contenders.map(({ name }) => [name, []]));
  // Round 0 warms the server up and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, table } of contenders) {
      const dueAtMs = () => Date.now() - 1_000;
      await seeder.add(table, { name: `d${round}`, count: dueEach, accounts, dueAtMs });
      const run = await tick({ url, table, latencyMs: 0 }, dueEach);
      if (round > 0) runs.get(name)?.push(run);
      say(`round ${round} of ${rounds}  ${name.padEnd(24)} ${run.seconds?.toFixed(2)} s`);
    }
  }
  const rows = [...runs].map(([name, all]) => medianRow(name, all));
  const result = toResult({
    benchmark: "poller",
    setting: { waiting, due: dueEach, rounds },
    figures,
    rows,
    baselines: rows.slice(0, 1),
    legend: Object.fromEntries(contenders.map(({ name, about }) => [name, about])),
  });
  return { result, figures };
}

async function benchBurst({ url, seeder, due, say }: Bench & { due: number }): Promise<Reported> {
  const dueAtMs = () => Date.now() - 1_000;
  await seeder.add(tables.burst, { name: "b", count: due, accounts, dueAtMs });
  const name = `${due} due, TikTok takes ${latencyMs} ms`;
  const run = await tick({ url, table: tables.burst, latencyMs }, due);
  say(`${name}: ${run.seconds?.toFixed(1)} s`);
  const lambdaCpuSeconds = (run.cpuSeconds ?? 0) / cores;
  const result = toResult({
    benchmark: "poller burst",
    setting: { due, latencyMs, accounts, deadlineMs },
    figures: burstFigures,
    rows: [medianRow(name, [{ ...run, lambdaCpuSeconds }])],
    baselines: [],
    legend: {
      [name]: `a thousand must settle within 50 s; the function begins nothing after ${deadlineMs / 1000} s`,
      "CPU s by memory":
        "what the CPU seconds take with the share of a core that the function's memory brings",
    },
  });
  return { result, figures: burstFigures };
}

async function tick(
  job: { url: string; table: string; latencyMs: number },
  due: number,
): Promise<Figures> {
  const child = await startChild({
    path: pathOf("./poll.ts"),
    input: { ...job, deadlineMs },
    answer: pollAnswerSchema,
  });
  await child.stop();
  return figuresOf(child.answer, due);
}

/** A tick that settles less than is due, or reads in another way than by key and by index, has failed. */
function figuresOf(answer: PollAnswer, due: number): Figures {
  const { calls, seconds, cpuSeconds, peakRssBytes, readUnits, writeUnits, settled } = answer;
  const strange = Object.keys(calls).filter((name) => !allowedCalls.includes(name));
  if (strange.length > 0) throw new Error(`the poller asked for ${strange.join(", ")}`);
  if (settled !== due || answer.seen < due || answer.failed > 0) {
    throw new Error(`of ${due} due ${settled} were settled, ${answer.failed} failed`);
  }
  return {
    seconds,
    calls: Object.values(calls).reduce((sum, count) => sum + count, 0),
    readUnits,
    writeUnits,
    cpuSeconds,
    peakRssMb: peakRssBytes / 1e6,
    settled,
  };
}

function tickOfPlan() {
  const { functions } = readSystem(join(projectRoot, "infra", "plan", "plan.json"));
  const poller = functions.find(({ name }) => name === "Poller");
  if (poller === undefined) throw new Error("the plan has no poller");
  return {
    deadlineMs: poller.timeoutSeconds * 1000 - pollReserveMs,
    cores: Math.min(1, poller.memoryMb / lambdaMbPerVcpu),
  };
}

function withoutNulls({ waiting, due, rounds }: BenchOptions) {
  return {
    ...(waiting === null ? {} : { waiting }),
    ...(due === null ? {} : { due }),
    ...(rounds === null ? {} : { rounds }),
  };
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
