/**
 * The main job on the real plan: real bundles in their own processes, real HTTP, a real video. What a creator, an
 * operator with a kill switch and a reader of the logs would see.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { createNodeClient } from "@clipcast/client/node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logIn } from "../../src/demo/login.ts";
import { type DemoHooks, runDemo } from "../../src/demo/run.ts";
import { builtInVideo, growVideo, sha256Of } from "../../src/demo/video.ts";
import { type LocalHost, startLocal } from "../../src/index.ts";

/** Bounds for a machine that does much else meanwhile; nothing here waits for time itself but the killed relay's lease. */
const patience = { timeout: 180_000 };
/** Issue: the relay's peak RSS at any size of file. */
const relayRssMbMax = 200;

let dir: string;
let host: LocalHost;
const lines: string[] = [];

const quiet: DemoHooks = {
  say: () => undefined,
  onStored: () => undefined,
  onUploaded: () => undefined,
  onRelayed: () => undefined,
};

async function video(totalBytes: number): Promise<{ path: string; sha256: string }> {
  const targetPath = join(dir, `${totalBytes}.mp4`);
  await growVideo({ sourcePath: builtInVideo, targetPath, totalBytes, onBytes: () => undefined });
  return { path: targetPath, sha256: await sha256Of(targetPath) };
}

const publish = (
  file: { path: string; sha256: string },
  hooks: Partial<DemoHooks> = {},
  killsRelay = false,
) => runDemo(host, { ...file, killsRelay, caption: "A test" }, { ...quiet, ...hooks });

const s3 = () =>
  new S3Client({
    region: host.endpoints.region,
    endpoint: host.endpoints.s3,
    forcePathStyle: true,
    credentials: host.endpoints,
  });
const dynamo = () =>
  new DynamoDBClient({
    region: host.endpoints.region,
    endpoint: host.endpoints.dynamodb,
    credentials: host.endpoints,
  });
const nameOf = (link: string) => {
  const name = host.links[link]?.name;
  if (typeof name !== "string") throw new Error(`no name behind ${link}`);
  return name;
};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "clipcast-main-job-"));
  host = await startLocal({
    dir: join(dir, "state"),
    port: 0,
    settings: { isAudited: true },
    sandbox: { processingMs: 50, processingMsPerGb: 0, moderationMs: 0 },
  });
  host.subscribe(({ line }) => lines.push(line));
});

afterAll(async () => {
  await host.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe("the main job", () => {
  it("posts the built-in video once, with the same bytes", patience, async () => {
    const file = { path: builtInVideo, sha256: await sha256Of(builtInVideo) };
    const { report, publication } = await publish(file);

    expect(report).toMatchObject({ status: "published", posts: 1 });
    expect(report.sha256.tiktok).toBe(file.sha256);
    expect(publication.postUrl).toMatch(/\/@demo\.creator\/video\/\d{19}$/);
    expect((await fetch(publication.postUrl ?? "")).status).toBe(200);
  });

  it("survives the API's death in the middle of the upload", patience, async () => {
    const file = await video(40_000_000);
    let kills = 0;
    const { report } = await publish(file, {
      onStored(bytes) {
        if (bytes > kills * 10_000_000 && kills < 3) {
          kills += 1;
          host.kill("Api");
        }
      },
    });

    expect(kills).toBe(3);
    expect(report.status).toBe("published");
    expect(report.sha256.tiktok).toBe(file.sha256);
  });

  it("recovers from a relay killed between two chunks, with one post", patience, async () => {
    const file = await video(190_000_000);
    const before = host.stats("Relay").invocations;
    let isPolling = true;
    // The schedule's minute is not waited for; the lease's half minute is, because that is what is under test.
    const polling = (async () => {
      while (isPolling) await host.invoke("Poller", {});
    })();
    const { report } = await publish(file, {}, true);
    isPolling = false;
    await polling;

    expect(report.status).toBe("published");
    expect(report.sha256.tiktok).toBe(file.sha256);
    expect(host.stats("Relay").invocations - before).toBeGreaterThanOrEqual(2);
    expect(report.relay.peakRssMb).toBeLessThan(relayRssMbMax);
    expect(report.relay.peakRssMb).toBeGreaterThan(20);
  });

  it("survives the poller's death at any moment", patience, async () => {
    const polls = Array.from({ length: 3 }, () => host.invoke("Poller", {}));
    host.kill("Poller");
    await Promise.allSettled(polls);
    expect(await host.invoke("Poller", {})).toMatchObject({ functionError: null });
  });

  it("fails what is under way when the creator removes the app", patience, async () => {
    const removeApp = () =>
      fetch(`${host.sandboxUrl}/sandbox/api/disconnect`, {
        method: "POST",
        body: JSON.stringify({ creator: "demo.creator" }),
      });
    const cookie = await logIn(host);
    // TikTok dates its events to the second, and one of the login's own second could be older than the login.
    const nextSecondMs = Math.ceil(Date.now() / 1000) * 1000;
    await expect.poll(() => Date.now(), patience).toBeGreaterThanOrEqual(nextSecondMs);
    const { api } = createNodeClient({ baseUrl: host.url, headers: { cookie } });
    await removeApp();
    // Nobody has asked TikTok about the account: only its webhook can have told.
    await expect
      .poll(async () => (await api.me()).accounts, patience)
      .toMatchObject([
        {
          state: "reconnect",
          reconnectReason: expect.stringContaining("disconnected from this app"),
        },
      ]);

    const { processingMs } = host.sandbox.knobs();
    host.sandbox.setKnobs({ processingMs: patience.timeout });
    const file = { path: builtInVideo, sha256: await sha256Of(builtInVideo) };
    const { size } = statSync(builtInVideo);
    let removed: Promise<Response> | null = null;
    const { report, publication } = await publish(file, {
      onRelayed(bytes) {
        if (bytes === size) removed ??= removeApp();
      },
    });
    expect(removed).not.toBeNull();
    host.sandbox.setKnobs({ processingMs });
    expect(report).toMatchObject({ status: "failed", posts: 0 });
    expect(publication.failure).toMatchObject({ code: "reconnect_required", isRetryable: false });
    expect((await api.me()).accounts).toMatchObject([{ state: "reconnect" }]);
  });

  it("leaves nothing in storage once its publications are settled", patience, async () => {
    const Bucket = nameOf("Bucket");
    const client = s3();
    const objects = await client.send(new ListObjectsV2Command({ Bucket }));
    const uploads = await client.send(new ListMultipartUploadsCommand({ Bucket }));
    expect(objects.Contents ?? []).toEqual([]);
    expect(uploads.Uploads ?? []).toEqual([]);
  });

  it("writes no secret to a log or, unsealed, to the table", patience, async () => {
    const logs = readdirSync(join(dir, "state", "logs"))
      .map((file) => readFileSync(join(dir, "state", "logs", file), "utf8"))
      .join("\n");
    const { Items } = await dynamo().send(new ScanCommand({ TableName: nameOf("Table") }));
    const rows = JSON.stringify(Items);
    const secrets = readFileSync(join(dir, "state", "secrets.json"), "utf8");
    const values = [...secrets.matchAll(/"([\w-]{16,})"/g)].map(([, value]) => value ?? "");

    expect(values.length).toBeGreaterThanOrEqual(2);
    expect(lines.length).toBeGreaterThan(10);
    for (const text of [logs, lines.join("\n"), rows]) {
      expect(text).not.toMatch(/\bact\.|\brft\.|upload_token|X-Amz-Signature|__Host-/);
      for (const value of values) expect(text).not.toContain(value);
    }
  });
});
