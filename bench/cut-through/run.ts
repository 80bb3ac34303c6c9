/**
 * `bench cut-through`: one video from the creator's first byte to TikTok's last, stored and then forwarded, and forwarded
 * while it is still being stored; over a slow link in front and one of four times the rate behind. And what is only computed:
 * the same by link and size. What follows from it is in docs/cut-through.md.
 */
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChild } from "../child.ts";
import { prices } from "../cost/prices.ts";
import { arrivedSchema, sinkAddressSchema } from "../relay/protocol.ts";
import {
  type BenchOptions,
  type Figure,
  type Figures,
  medianRow,
  type Reported,
  toResult,
} from "../report.ts";
import {
  answerMs,
  calledUsd,
  gbSecondsUsd,
  heldUsd,
  idealSeconds,
  type Legs,
  lateShare,
  shareInUrlLife,
} from "./model.ts";
import { type Job, outcomeSchema } from "./protocol.ts";

/** As 1 GiB at 50 and 200 Mbit/s would be, in a sixteenth of the time. */
const usual = { bytes: 2 ** 28, bitsPerSecond: 200e6, rounds: 1 };
/** TikTok's side is so many times as fast as the creator's. */
const onwardFactor = 4;
const link = { roundTripMs: 50, cutShare: 0 };
const firstByteMs = 30;

interface Way extends Pick<Job, "isCutThrough" | "chunkAimBytes"> {
  name: string;
  about: string;
  startsLate: boolean;
}

const baseline = "store, then forward";
const early = { isCutThrough: true, startsLate: false };
const ways: Way[] = [
  {
    name: baseline,
    about: "the product: upload, complete, relay",
    isCutThrough: false,
    startsLate: false,
    chunkAimBytes: 63_000_000,
  },
  {
    ...early,
    name: "cut-through, 63 MB",
    about: "parts are objects; the relay begins with the first chunk and waits for each next one",
    chunkAimBytes: 63_000_000,
  },
  { ...early, name: "cut-through, 10 MB", about: "smaller chunks", chunkAimBytes: 10_000_000 },
  { ...early, name: "cut-through, 5 MiB", about: "the smallest", chunkAimBytes: 5_242_880 },
  {
    name: "cut-through, late",
    about: "63 MB; the relay begins so late that it ends together with the upload",
    isCutThrough: true,
    startsLate: true,
    chunkAimBytes: 63_000_000,
  },
];

const figures: Figure[] = [
  { key: "seconds", title: "s", digits: 1, ratio: { key: "time", title: "× time" } },
  { key: "idealSeconds", title: "computed s", digits: 1 },
  { key: "tailSeconds", title: "after upload s", digits: 1 },
  { key: "openSeconds", title: "relay s", digits: 1 },
  { key: "sendSeconds", title: "sending s", digits: 1 },
  { key: "chunks", title: "chunks", digits: 0 },
  { key: "tableWrites", title: "table writes", digits: 0 },
  { key: "s3Writes", title: "S3 writes", digits: 0 },
  { key: "s3Reads", title: "S3 reads", digits: 0 },
  { key: "heldUsdPerGb", title: "$/GB, one call", digits: 6 },
  { key: "calledUsdPerGb", title: "$/GB, by chunk", digits: 6 },
];

export async function benchCutThrough(options: BenchOptions): Promise<Reported[]> {
  const bytes = options.bytes ?? usual.bytes;
  const upBytesPerSecond = (options.bitsPerSecond ?? usual.bitsPerSecond) / 8;
  const legs = { bytes, upBytesPerSecond, onBytesPerSecond: upBytesPerSecond * onwardFactor };
  const rounds = options.rounds ?? usual.rounds;
  const rate = `${(upBytesPerSecond * 8) / 1e6} Mbit/s up, ${(legs.onBytesPerSecond * 8) / 1e6} on`;
  options.say(`${Math.round(bytes / 1e6)} MB, ${rate}`);
  const sink = await startChild({
    path: pathOf("../relay/sink.ts"),
    input: { answerMs, bytesPerSecond: legs.onBytesPerSecond },
    answer: sinkAddressSchema,
  });
  const runs = new Map<string, Figures[]>(ways.map(({ name }) => [name, []]));
  try {
    for (let round = 1; round <= rounds; round += 1) {
      for (const [index, way] of ways.entries()) {
        const run = await runOnce(way, legs, `${sink.answer.url}/${round}-${index}`);
        runs.get(way.name)?.push(run);
        const seconds = `${run.seconds?.toFixed(1)} s`;
        options.say(`round ${round} of ${rounds}  ${way.name.padEnd(20)} ${seconds}`);
      }
    }
  } finally {
    await sink.stop();
  }
  const rows = [...runs].map(([name, all]) => medianRow(name, all));
  const result = toResult({
    benchmark: "cut-through",
    setting: { bytes, rounds, rate, roundTripMs: link.roundTripMs, answerMs },
    figures,
    rows,
    baselines: rows.filter(({ name }) => name === baseline),
    legend: {
      ...Object.fromEntries(ways.map(({ name, about }) => [name, about])),
      "$/GB": `storage's requests and the relay at list prices; egress is $${prices.egressGb}. One call stays for the whole video; the other is computed for a call for each chunk`,
    },
  });
  return [{ result, figures }, computed()];
}

async function runOnce(way: Way, legs: Legs, uploadUrl: string): Promise<Figures> {
  const dir = await mkdtemp(join(tmpdir(), "clipcast-bench-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  const { bytes, upBytesPerSecond: bytesPerSecond } = legs;
  const { isCutThrough, chunkAimBytes } = way;
  const storedShareAtStart = way.startsLate ? lateShare(legs) : 0;
  const input: Job = {
    ...{ dir, bytes, uploadUrl, isCutThrough, storedShareAtStart, chunkAimBytes, firstByteMs },
    link: { ...link, bytesPerSecond },
  };
  const video = await startChild({ path: pathOf("./video.ts"), input, answer: outcomeSchema });
  await video.stop();
  await rm(dir, { recursive: true, force: true });
  const arrived = arrivedSchema.parse(await (await fetch(uploadUrl)).json());
  if (arrived.receivedBytes !== bytes || arrived.strayReads > 0) {
    throw new Error(`${way.name} delivered wrong bytes: ${JSON.stringify(arrived)}`);
  }
  const { answer } = video;
  const { uploadSeconds, ...rest } = answer;
  const gigabytes = bytes / 1e9;
  return {
    ...rest,
    idealSeconds: idealSeconds(legs, way),
    tailSeconds: rest.seconds - uploadSeconds,
    heldUsdPerGb: heldUsd(answer) / gigabytes,
    calledUsdPerGb: isCutThrough ? calledUsd(answer) / gigabytes : null,
  };
}

const computedFigures: Figure[] = [
  { key: "uploadMinutes", title: "upload min", digits: 1 },
  { key: "storedMinutes", title: "end to end min", digits: 1 },
  { key: "cutMinutes", title: "cut-through", digits: 1 },
  { key: "savedPercent", title: "saved % at 200", digits: 1 },
  { key: "savedFastPercent", title: "at 500 Mbit/s", digits: 1 },
  { key: "inUrlLifePercent", title: "% in URL's hour", digits: 0 },
  { key: "heldOfEgressPercent", title: "open, % egress", digits: 2 },
];
const computedUpMbit = [5, 10, 20, 50, 100, 300];
const computedGiB = [1, 4];
/** The usual case, and what `bench cost` models for the relay's memory. */
const computedOnMbit = { usual: 200, fast: 500 };

/** Nothing of this is measured: it would take hours, and tell nothing more. */
function computed(): Reported {
  const rows = computedGiB.flatMap((gibibytes) =>
    computedUpMbit.map((mbit) => {
      const bytes = gibibytes * 2 ** 30;
      const upBytesPerSecond = (mbit * 1e6) / 8;
      const by = (onMbit: number) => {
        const legs = { bytes, upBytesPerSecond, onBytesPerSecond: (onMbit * 1e6) / 8 };
        const chunkAimBytes = 63_000_000;
        const stored = idealSeconds(legs, { isCutThrough: false, chunkAimBytes });
        const cut = idealSeconds(legs, { isCutThrough: true, chunkAimBytes });
        return { stored, cut, savedPercent: (1 - cut / stored) * 100 };
      };
      const { stored, cut, savedPercent } = by(computedOnMbit.usual);
      const egressUsd = (bytes / 1e9) * prices.egressGb;
      return medianRow(`${gibibytes} GiB at ${mbit} Mbit/s`, [
        {
          uploadMinutes: bytes / upBytesPerSecond / 60,
          storedMinutes: stored / 60,
          cutMinutes: cut / 60,
          savedPercent,
          savedFastPercent: by(computedOnMbit.fast).savedPercent,
          inUrlLifePercent: shareInUrlLife({ bytes, upBytesPerSecond }) * 100,
          heldOfEgressPercent: (gbSecondsUsd(cut) / egressUsd) * 100,
        },
      ]);
    }),
  );
  const result = toResult({
    benchmark: "cut-through, computed",
    setting: { onMbit: computedOnMbit.usual, answerMs },
    figures: computedFigures,
    rows,
    baselines: [],
    legend: {
      "% in URL's hour":
        "of the video at TikTok when its upload URL ends; below 100 all of it is sent in vain",
      "open, % egress":
        "a relay that stays for the whole upload; all but egress should be 2 % at most",
    },
  });
  return { result, figures: computedFigures };
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}
