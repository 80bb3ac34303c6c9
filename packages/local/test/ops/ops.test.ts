/**
 * The operator's command as a program, against a running host: each command once on publications that need it, what it says
 * when nothing runs, and that nothing secret is ever printed.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDynamoScanner } from "../../../core/src/operations/index.ts";
import {
  findById,
  loadByKey,
  type Publication,
  rememberOwner,
  saveNew,
} from "../../../core/src/publications/index.ts";
import { createDynamoTable } from "../../../core/src/table/index.ts";
import { createSeededRandom } from "../../../core/src/testing/index.ts";
import { runDemo } from "../../src/demo/run.ts";
import { builtInVideo, sha256Of } from "../../src/demo/video.ts";
import { type LocalHost, projectRoot, startLocal } from "../../src/index.ts";

const patience = { timeout: 180_000 };
const program = join(projectRoot, "packages", "ops", "src", "main.ts");

let dir: string;
let state: string;
let host: LocalHost;
/** What a creator has published, whose record the others are made from. */
let published: Publication;
let said = "";

/** Runs `ops` as a person without a terminal would. */
async function ops(...args: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const result = await new Promise<{ exitCode: number; out: string; err: string }>((resolve) => {
    const given = [program, ...args, "--dir", state];
    execFile(process.execPath, given, { timeout: patience.timeout }, (error, out, err) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), out, err });
    });
  });
  said += result.out + result.err;
  return result;
}

async function opsJson(...args: string[]) {
  const { out } = await ops(...args, "--json");
  return JSON.parse(out);
}

function connect() {
  const { region, endpoints, links } = { ...host, region: host.endpoints.region };
  const config = { region, credentials: endpoints };
  const client = new DynamoDBClient({ ...config, endpoint: endpoints.dynamodb });
  const s3 = new S3Client({ ...config, endpoint: endpoints.s3, forcePathStyle: true });
  const table = { client, tableName: String(links.Table?.name) };
  return {
    s3,
    scanner: createDynamoScanner(table),
    deps: {
      table: createDynamoTable(table),
      random: createSeededRandom(Math.random()),
      clock: { nowMs: () => Date.now(), wait: async () => undefined },
    },
  };
}

/** A publication with its video in storage, of which no message is on its way. */
async function forgotten(id: string, changes: Partial<Publication> = {}): Promise<string> {
  const { s3, deps } = connect();
  const key = `uploads/${published.userId}/${id}`;
  const Body = readFileSync(builtInVideo);
  const Bucket = String(host.links.Bucket?.name);
  const { ETag = "" } = await s3.send(new PutObjectCommand({ Bucket, Key: key, Body }));
  const nowMs = Date.now();
  const publication: Publication = {
    ...published,
    id,
    status: "queued",
    upload: { ...published.upload, key, etag: ETag, isRemoved: false },
    task: null,
    lease: null,
    postIds: [],
    fence: 0,
    fruitlessRuns: 0,
    checks: 0,
    nudges: 0,
    history: [{ atMs: nowMs, status: "queued" }],
    createdAtMs: nowMs,
    dueAtMs: nowMs + 60_000,
    ...changes,
  };
  await rememberOwner(deps, { userId: publication.userId, publicationId: id });
  await saveNew(deps, publication);
  return id;
}

async function statusOf(id: string): Promise<string> {
  return (await opsJson("status", id)).status;
}

/** Looks into the table, because each run of `ops` is a process. */
async function untilPublished(id: string): Promise<void> {
  const { deps } = connect();
  const status = async () => (await findById(deps, id))?.value.status;
  await expect.poll(status, { timeout: 120_000, interval: 100 }).toBe("published");
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "clipcast-ops-"));
  state = join(dir, "state");
  host = await startLocal({
    dir: state,
    port: 0,
    // The poller would do what the operator is here for.
    schedules: false,
    settings: { isAudited: true },
    sandbox: { processingMs: 50, processingMsPerGb: 0, moderationMs: 0 },
  });
  const quiet = { say() {}, onStored() {}, onUploaded() {}, onRelayed() {} };
  const file = { path: builtInVideo, sha256: await sha256Of(builtInVideo) };
  await runDemo(host, { ...file, killsRelay: false, caption: "Harbour at dawn" }, quiet);
  const { scanner, deps } = connect();
  const { keys } = await scanner.page({ limit: 500, after: null });
  const key = keys.find(({ sk }) => sk.startsWith("PUBLICATION#"));
  const stored = key && (await loadByKey(deps, key));
  if (!stored) throw new Error("the demo leaves a publication");
  published = stored.value;
}, 180_000);

afterAll(async () => {
  await host.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe("ops", () => {
  it("tells a publication's story to people and to programs", patience, async () => {
    const { exitCode, out, err } = await ops("status", published.id);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
    expect(out).toContain(`Publication ${published.id} (local)`);
    expect(out).toMatch(/status +published for \d+ (s|min)/);
    expect(out).toMatch(/Z +(now|\d+ (s|min) ago) +relaying/);
    expect(out).not.toContain("\u001b[");
    const story = await opsJson("status", published.id);
    expect(story).toMatchObject({ stage: "local", status: "published", trouble: null });
    expect(await statusOf(story.task.publishId)).toBe("published");
  });

  it("finds what is stuck, and sends it on", patience, async () => {
    const id = await forgotten("0190000000000000stuck", { dueAtMs: Date.now() - 600_000 });
    const { out } = await ops("stuck");
    expect(out).toContain("1 publication stuck, of 1 looked at (local).");
    expect(out).toMatch(new RegExp(`${id} +queued .*the poller does not run`));
    expect(out).toMatch(/RelayDeadQueue +0 +0 +0/);

    const requeued = await ops("requeue", id);
    expect(requeued).toMatchObject({ exitCode: 0, err: "" });
    await untilPublished(id);
    expect(await opsJson("stuck")).toMatchObject({ queues: { RelayQueue: { visible: 0 } } });
    const again = await ops("requeue", id);
    expect(again.exitCode).toBe(1);
    expect(again.err).toContain("It is published.");
  });

  it("lists a dead letter and redrives it, once", patience, async () => {
    const id = await forgotten("0190000000000000dead0");
    const body = JSON.stringify({ userId: published.userId, publicationId: id });
    const attributes = { ApproximateReceiveCount: "6" };
    await host.invoke("RelayDead", { Records: [{ messageId: "m", body, attributes }] });
    const list = await ops("dead", "list");
    expect(list.out).toMatch(
      new RegExp(`${id} +1 +(now|\\d+ (?:s|min) ago) +6 .*relay_failed.*redrivable`),
    );

    const redriven = await ops("dead", "redrive", "--all");
    expect(redriven).toMatchObject({ exitCode: 0, err: "" });
    expect(redriven.out).toContain("1 redriven, 0 cannot be.");
    await untilPublished(id);
    expect((await ops("dead", "list")).out).toContain("No dead letters (local).");
    expect((await ops("dead", "redrive", id)).exitCode).toBe(1);
    expect(await opsJson("status", id)).toMatchObject({ attempt: 2 });
  });

  it("asks TikTok", patience, async () => {
    const { exitCode, out } = await ops("check", published.id);
    expect(exitCode).toBe(0);
    expect(out).toMatch(/TikTok says +published/);
  });

  it("seals every token anew, and publishing goes on", patience, async () => {
    const done = await ops("rotate-key");
    expect(done).toMatchObject({ exitCode: 0 });
    expect(done.out).toContain("Sealed 1 account anew (local).");
    expect(done.err).toContain("rows looked at, 1 account sealed anew");
    const id = await forgotten("0190000000000000anew0");
    await ops("requeue", id);
    await untilPublished(id);
  });

  it("is clear about what it cannot do", patience, async () => {
    expect(await ops("status", "nothing")).toMatchObject({
      exitCode: 1,
      err: "There is no publication nothing.\n",
    });
    const { exitCode, out } = await ops("status", "nothing", "--json");
    expect([exitCode, JSON.parse(out)]).toEqual([
      1,
      { error: expect.objectContaining({ code: "not_found" }) },
    ]);
    expect((await ops("dead", "redrive")).exitCode).toBe(2);
  });

  it("asks before it disconnects, then revokes every account", patience, async () => {
    const { userId } = published;
    const unsure = await ops("disconnect", userId);
    expect(unsure.exitCode).toBe(2);
    expect(unsure.err).toContain("Nothing was disconnected");
    const sure = await ops("disconnect", userId, "--yes");
    expect(sure).toMatchObject({ exitCode: 0, err: "" });
    expect(sure.out).toContain("disconnected");
    expect((await ops("disconnect", userId, "--yes")).out).toContain("no connected account");
  });

  it("never prints what is secret", () => {
    const note = readFileSync(join(state, "running.json"), "utf8");
    expect(statSync(join(state, "running.json")).mode & 0o777).toBe(0o600);
    const secrets = readFileSync(join(state, "secrets.json"), "utf8");
    const values = [...secrets.matchAll(/"([\w-]{16,})"/g)].map(([, value]) => value ?? "");
    expect(values.length).toBeGreaterThanOrEqual(2);
    expect(values.every((value) => note.includes(value))).toBe(true);
    expect(said.length).toBeGreaterThan(2_000);
    for (const value of values) expect(said).not.toContain(value);
    expect(said).not.toMatch(
      /\bact\.|\brft\.|upload_token|X-Amz-Signature|sealed\w*"|Harbour at dawn/,
    );
  });

  it("says how to start a system that does not run", patience, async () => {
    await host.stop();
    const { exitCode, err } = await ops("stuck");
    expect(exitCode).toBe(1);
    expect(err).toContain("The local system is not running.");
  });
});
