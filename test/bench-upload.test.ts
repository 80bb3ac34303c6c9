/** The upload benchmark's stage: what is uploaded by way of the link arrives whole, is counted, and breaks as often as told. */
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Child, startChild } from "../bench/child.ts";
import {
  nodeFiguresSchema,
  type Seen,
  seenSchema,
  stageAddressSchema,
  stampOf,
} from "../bench/upload/protocol.ts";

const upload = fileURLToPath(new URL("../bench/upload", import.meta.url));
const timeoutMs = 120_000;
const bytes = 12 * 2 ** 20;

let dir: string;
let stage: Child<{ siteUrl: string; controlUrl: string }>;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "clipcast-bench-test-"));
  const link = { bytesPerSecond: 60e6, roundTripMs: 20, cutShare: 0.5 };
  stage = await startChild({
    path: join(upload, "stage.ts"),
    input: { dir: join(dir, "s3"), pagesDir: dir, link },
    answer: stageAddressSchema,
  });
}, timeoutMs);
afterEach(async () => {
  await stage.stop();
  await rm(dir, { recursive: true, force: true });
});

async function uploadFile(content: Buffer): Promise<Seen> {
  const path = join(dir, "video.mp4");
  await writeFile(path, content);
  await truncate(path, bytes);
  const input = { siteUrl: stage.answer.siteUrl, path };
  const child = await startChild({
    path: join(upload, "node.ts"),
    input,
    answer: nodeFiguresSchema,
  });
  await child.stop();
  return seenSchema.parse(await (await fetch(stage.answer.controlUrl)).json());
}

it(
  "brings our upload to storage although parts break on the way",
  async () => {
    const head = Buffer.alloc(2 ** 20);
    const content = Array.from({ length: 12 }, (_, n) => {
      const block = Buffer.from(head);
      stampOf(n).copy(block);
      return block;
    });
    const seen = await uploadFile(Buffer.concat(content));
    expect(seen.objects).toEqual([{ bytes, hasRightBytes: true }]);
    expect(seen.puts).toBe(3 + seen.cuts);
    expect(seen.cuts).toBeGreaterThanOrEqual(2);
    expect(seen.apiCalls).toBeGreaterThanOrEqual(2);

    await fetch(stage.answer.controlUrl, { method: "POST" });
    const none = seenSchema.parse(await (await fetch(stage.answer.controlUrl)).json());
    expect(none).toEqual({ signCalls: 0, apiCalls: 0, puts: 0, cuts: 0, objects: [] });
  },
  timeoutMs,
);

it(
  "notices other bytes",
  async () => {
    const seen = await uploadFile(Buffer.from("something else"));
    expect(seen.objects).toEqual([{ bytes, hasRightBytes: false }]);
  },
  timeoutMs,
);
