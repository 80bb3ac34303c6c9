/**
 * `bench cost`: what publishing a gigabyte costs at AWS's list prices, from the requests, seconds and bytes of real
 * publications on the local system; by the size of the video; what is paid by the month; and what the relay costs at each
 * memory size.
 */
import { rmSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { metricUnits } from "@clipcast/core/system";
import { readSystem, type System } from "@clipcast/infra/plan";
import { type LocalHost, projectRoot, startLocal } from "@clipcast/local";
import * as z from "zod";
import { builtInVideo, growVideo } from "../../packages/local/src/demo/video.ts";
import {
  type BenchOptions,
  type Figure,
  type Reported,
  type Row,
  resultsPath,
  round,
  toResult,
} from "../report.ts";
import { billPerGb, billPerMonth, type Item, relayByMemory } from "./bill.ts";
import { startMeter, type Usage } from "./meter.ts";
import { prices, pricesDate } from "./prices.ts";
import { publish } from "./publish.ts";
import { type Measured, reckon, sizeFigures, sizeRow } from "./sizes.ts";

const bytesUsual = 2 ** 30;
/** The requests that come with every video show in a small one. */
const smallBytes = 120e6;
/** The product's limit for one video; not measured. */
const reckonedBytes = 4 * 2 ** 30;
const idleTicks = 5;
/** The relay's own, as `bench relay` found it, when there is no such result here. */
const relayCpuSecondsPerGiBUsual = 2.5;

const itemFigures: Figure[] = [
  { key: "count", title: "count", digits: 2 },
  { key: "usd", title: "$", digits: 6 },
  { key: "ofEgress", title: "% of egress", digits: 3 },
];
const monthFigures: Figure[] = itemFigures.slice(0, 2);
const memoryFigures: Figure[] = [
  { key: "secondsPerGb", title: "s/GB", digits: 1 },
  { key: "gbSecondsPerGb", title: "GB-s/GB", digits: 2 },
  { key: "usd", title: "$", digits: 6 },
  { key: "ofEgress", title: "% of egress", digits: 3 },
];

export async function benchCost(options: BenchOptions): Promise<Reported[]> {
  const bytes = options.bytes ?? bytesUsual;
  const dir = await mkdtemp(join(tmpdir(), "clipcast-bench-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  const system = readSystem(join(projectRoot, "infra", "plan", "plan.json"));
  const host = await startLocal({
    dir: join(dir, "state"),
    port: 0,
    schedules: false,
    settings: { isAudited: true },
  });
  const measure = async (size: number): Promise<Measured> => {
    options.say(`publishing ${Math.round(size / 1e6)} MB`);
    const path = join(dir, `video-${size}.mp4`);
    await growVideo({
      sourcePath: builtInVideo,
      targetPath: path,
      totalBytes: size,
      onBytes: () => undefined,
    });
    const meter = startMeter(host);
    await publish(host, path);
    const usage = meter.stop();
    if (usage.egressBytes < size) throw new Error("TikTok did not get the whole video");
    return { bytes: size, usage };
  };
  try {
    const small = await measure(Math.min(smallBytes, bytes / 2));
    const large = await measure(bytes);
    const choices = relayByMemory(await relayCpuSecondsPerGiB());
    const perGb = perGbResult(large, { system, choices });
    return [
      perGb,
      bySizeResult(small, large, { system, choices }),
      await perMonthResult(host, system),
      byMemoryResult(perGb, { system, choices, usage: large.usage }),
    ];
  } finally {
    await host.stop();
  }
}

type Choices = ReturnType<typeof relayByMemory>;

interface Setting {
  system: System;
  choices: Choices;
}

function itemsOf({ usage, bytes }: Measured, { system, choices }: Setting): Item[] {
  const memoryMbByFunction = memoryOf(system);
  const chosen = choices.find(({ memoryMb }) => memoryMb === memoryMbByFunction.Relay);
  // Here the relay has a whole core and no TLS; on Lambda it has the seconds of its memory size.
  const modelled = ((chosen?.secondsPerGb ?? 0) * bytes) / 1e9;
  const relaySeconds = Math.max(usage.invocations.Relay?.seconds ?? 0, modelled);
  return billPerGb(usage, { bytes, memoryMbByFunction, relaySeconds });
}

function bySizeResult(small: Measured, large: Measured, setting: Setting): Reported {
  const nameOf = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  const reckoned = { bytes: reckonedBytes, usage: reckon(small, large, reckonedBytes) };
  const rows = [
    sizeRow(nameOf(small.bytes), small, itemsOf(small, setting)),
    sizeRow(nameOf(large.bytes), large, itemsOf(large, setting)),
    sizeRow(`${nameOf(reckoned.bytes)}, reckoned`, reckoned, itemsOf(reckoned, setting)),
  ];
  const result = toResult({
    benchmark: "cost by size",
    setting: { pricesDate, region: "us-east-1", per: "GB published" },
    figures: sizeFigures,
    rows,
    baselines: [],
    legend: {
      reckoned: "not measured: along a straight line through the two that were",
      "% of egress": "the goal is 2 at most",
    },
  });
  return { result, figures: sizeFigures };
}

function perGbResult(large: Measured, setting: Setting): Reported {
  const { bytes } = large;
  const items = itemsOf(large, setting);
  const egress = items.at(-1)?.usd ?? 0;
  const rest: Item = {
    name: "all but egress",
    count: 1,
    usd: items.reduce((sum, { usd }) => sum + usd, 0) - egress,
  };
  const rows = [...items.slice(0, -1), rest, ...items.slice(-1)].map((item) => ({
    ...rowOf(item),
    ofEgress: round((item.usd / egress) * 100),
  }));
  const result = toResult({
    benchmark: "cost",
    setting: { bytes, pricesDate, region: "us-east-1", per: "GB published" },
    figures: itemFigures,
    rows,
    baselines: [],
    legend: {
      "Lambda, relay (GB-s)": "the longer of what was measured and what its memory size gives",
      "all but egress": "the goal is 2 % of egress at most",
    },
  });
  return { result, figures: itemFigures };
}

async function perMonthResult(host: LocalHost, system: System): Promise<Reported> {
  const tick = async () => {
    const meter = startMeter(host);
    await host.invoke("Poller", {});
    const { invocations, dynamoReadUnits, logBytes } = meter.stop();
    return { seconds: invocations.Poller?.seconds ?? 0, readUnits: dynamoReadUnits, logBytes };
  };
  await tick();
  const ticks: Awaited<ReturnType<typeof tick>>[] = [];
  for (let n = 0; n < idleTicks; n += 1) ticks.push(await tick());
  const mean = (figure: "seconds" | "readUnits" | "logBytes") =>
    ticks.reduce((sum, one) => sum + one[figure], 0) / ticks.length;
  const items = billPerMonth({
    pollerSeconds: mean("seconds"),
    // Eventually consistent reads of the index are half a unit each.
    pollerReadUnits: mean("readUnits") / 2,
    pollerLogBytes: mean("logBytes"),
    pollerMemoryMb: memoryOf(system).Poller ?? 0,
    keys: system.keys.length,
    alarms: system.alarms.length,
    metrics: Object.keys(metricUnits).length,
    eventSources: system.eventSources.length,
  });
  const usd = items.reduce((sum, item) => sum + item.usd, 0);
  const total: Item = { name: "each month", count: 1, usd };
  const result = toResult({
    benchmark: "cost per month",
    setting: { pricesDate, region: "us-east-1" },
    figures: monthFigures,
    rows: [...items, total].map(rowOf),
    baselines: [],
    legend: {
      "each month":
        "before the first video, without free tiers; AWS does not say whether a mapping's EventCount metrics are billed",
    },
  });
  return { result, figures: monthFigures };
}

function byMemoryResult(
  perGb: Reported,
  { system, choices, usage }: Setting & { usage: Usage },
): Reported {
  const used = Object.entries(usage.invocations).map(
    ([name, { peakMb }]) => `${name} ${peakMb} of ${memoryOf(system)[name]}`,
  );
  const chosenMb = memoryOf(system).Relay;
  const rows = choices.map(({ memoryMb, ...figures }): Row => {
    const name = `${memoryMb} MB${memoryMb === chosenMb ? ", chosen" : ""}`;
    const ofEgress = round((figures.usd / prices.egressGb) * 100);
    const rounded = Object.entries(figures).map(([key, value]) => [key, round(value)]);
    return { name, ...Object.fromEntries(rounded), ofEgress };
  });
  const result = toResult({
    benchmark: "cost by memory",
    setting: { ...perGb.result.setting },
    figures: memoryFigures,
    rows,
    baselines: [],
    legend: {
      relay:
        "modelled: its measured CPU twice (TLS both ways), a vCPU per 1,769 MB, 75 MB/s of network",
      "MB used here": used.join(", "),
    },
  });
  return { result, figures: memoryFigures };
}

function memoryOf(system: System): Record<string, number> {
  return Object.fromEntries(system.functions.map(({ name, memoryMb }) => [name, memoryMb]));
}

function rowOf({ name, count, usd }: Item): Row {
  return { name, count: round(count), usd: round(usd) };
}

const relayResult = z.object({
  relay: z.object({
    rows: z.array(z.looseObject({ name: z.string(), cpuSecondsPerGiB: z.number().nullable() })),
  }),
});

async function relayCpuSecondsPerGiB(): Promise<number> {
  const text = await readFile(resultsPath, "utf8").catch(() => "{}");
  const parsed = relayResult.safeParse(JSON.parse(text));
  const ours = parsed.data?.relay.rows.find(({ name }) => name === "ours");
  return ours?.cpuSecondsPerGiB ?? relayCpuSecondsPerGiBUsual;
}
