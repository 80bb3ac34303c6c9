/**
 * `bench api`: how long a cold start takes, what each route asks of AWS, and how long status and signing take while many
 * users are at it, all with the real bundle in the real local host.
 */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LocalHost, projectRoot, startLocal } from "@clipcast/local";
import { toVariables } from "../../packages/local/src/host/links.ts";
import { toSdkVariables } from "../../packages/local/src/host/services.ts";
import { startChild } from "../child.ts";
import {
  type BenchOptions,
  type Figure,
  quantile,
  type Reported,
  type Row,
  round,
  toResult,
} from "../report.ts";
import { countCalls } from "./calls.ts";
import { benchColdStart } from "./cold.ts";
import { callNames, type UsersAnswer, usersAnswerSchema } from "./protocol.ts";

const roundsUsual = 15;
const usersUsual = 200;
/** Some twenty calls of each user. */
const loadSeconds = 40;
/**
 * By then two hundred users have as many functions as they need. Before, every start of one takes the time of all others,
 * since two cores are all that they have here; at AWS each has its own.
 */
const warmAfterMs = 10_000;

const figures: Figure[] = [
  { key: "p50Ms", title: "p50 ms", digits: 1, ratio: { key: "p50", title: "× p50" } },
  { key: "p99Ms", title: "p99 ms", digits: 1, ratio: { key: "p99", title: "× p99" } },
  { key: "p99WarmMs", title: "p99 warm ms", digits: 1 },
  { key: "perSecond", title: "calls/s", digits: 1 },
  { key: "calls", title: "calls", digits: 0 },
];

export async function benchApi(options: BenchOptions): Promise<Reported[]> {
  const { say } = options;
  const dir = await mkdtemp(join(tmpdir(), "clipcast-bench-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  say("the local host starts");
  const users = options.users ?? usersUsual;
  const host = await startLocal({
    dir: join(dir, "state"),
    port: 0,
    schedules: false,
    // Each user is a creator of its own.
    sandbox: { activeCreatorsPerDayMax: users + 1 },
  });
  try {
    const cold = await benchColdStart({
      root: projectRoot,
      dir: join(dir, "bundles"),
      variables: variablesOf(host),
      rounds: options.rounds ?? roundsUsual,
      say,
    });
    const calls = await countCalls(host);
    return [cold, calls, await benchLoad(host, users, say)];
  } finally {
    await host.stop();
  }
}

function variablesOf(host: LocalHost): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    AWS_REGION: host.endpoints.region,
    ...toSdkVariables(host.endpoints),
    ...toVariables(host.links, Object.keys(host.links)),
  };
}

async function benchLoad(
  host: LocalHost,
  users: number,
  say: (line: string) => void,
): Promise<Reported> {
  say(`${users} users sign in, and then call for ${loadSeconds} s`);
  const { url, sandboxUrl } = host;
  const child = await startChild({
    path: fileURLToPath(new URL("./users.ts", import.meta.url)),
    input: { url, sandboxUrl, users, seconds: loadSeconds },
    answer: usersAnswerSchema,
  });
  await child.stop();
  const { failures } = child.answer;
  if (failures > 0) throw new Error(`${failures} calls failed`);
  const rows = rowsOf(child.answer);
  const result = toResult({
    benchmark: "api load",
    setting: { users, seconds: loadSeconds },
    figures,
    rows,
    baselines: rows.filter(({ name }) => name === "health"),
    legend: {
      health: "one read of the table and one of storage: what gateway and function cost",
      status: "POST upload-status of an upload under way",
      sign: "PUT upload-chunk: a hundred parts signed",
      "p99 warm":
        "calls after the first ten seconds, in which all functions start on these cores at once",
    },
  });
  return { result, figures };
}

function rowsOf({ calls }: UsersAnswer): Row[] {
  return callNames.map((name) => {
    const all = (calls[name] ?? []).map(({ durationMs }) => durationMs);
    const warm = (calls[name] ?? []).filter(({ atMs }) => atMs >= warmAfterMs);
    return {
      name,
      p50Ms: round(quantile(all, 0.5)),
      p99Ms: round(quantile(all, 0.99)),
      p99WarmMs: round(
        quantile(
          warm.map(({ durationMs }) => durationMs),
          0.99,
        ),
      ),
      perSecond: round(all.length / loadSeconds),
      calls: all.length,
    };
  });
}
