import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { GetBucketCorsCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, it, onTestFinished } from "vitest";
import { startLocal } from "../../src/index.ts";
import { makeTempDir } from "../lambda/fixture.ts";
import { startFixtureHost, writeSystem } from "./fixture.ts";

describe("startLocal", () => {
  it("carries a request through function, table and queue to another function", async () => {
    const root = makeTempDir();
    const host = await startFixtureHost(join(root, "state"), writeSystem(join(root, "app")));
    const lines: string[] = [];
    host.subscribe(({ functionName, line }) => lines.push(`${functionName} ${line}`));

    const response = await fetch(`${host.url}/api/notes`, { method: "POST", body: "hello" });
    expect(await response.json()).toEqual({
      text: "hello",
      site: host.url,
      app: { name: "fixture", stage: "local" },
    });
    await expect.poll(() => lines).toContain("Sink took hello");
    expect(host.stats("Front")).toMatchObject({ invocations: 1, coldStarts: 1, errors: 0 });

    const page = await fetch(`${host.url}/posts/1`);
    expect(await page.text()).toBe("<h1>built page</h1>");
    expect((await fetch(host.sandboxUrl)).status).toBeLessThan(500);
    expect(host.unhonoured).toContain("full CPU at any memory");
  });

  it("gives each link its local value and the bucket the local origin", async () => {
    const root = makeTempDir();
    const host = await startFixtureHost(join(root, "state"), writeSystem(join(root, "app")), {
      settings: { isAudited: true },
    });
    expect(host.links).toMatchObject({
      Table: { type: "sst.aws.Dynamo", name: "fixture-local-table" },
      Work: { url: `${host.endpoints.sqs}/000000000000/fixture-local-work` },
      Key: { arn: expect.stringMatching(/^arn:aws:kms:us-east-1:000000000000:key\//) },
      Site: { origin: host.url },
      Settings: { isAudited: true },
    });
    const { region, accessKeyId, secretAccessKey, s3: endpoint } = host.endpoints;
    const s3 = new S3Client({ region, endpoint, credentials: { accessKeyId, secretAccessKey } });
    const { CORSRules } = await s3.send(
      new GetBucketCorsCommand({ Bucket: String(host.links.Bucket?.name) }),
    );
    expect(CORSRules).toMatchObject([{ AllowedOrigins: [host.url, "https://video.example"] }]);
  });

  it("finds its state again after a restart, and forgets it when asked to", async () => {
    const root = makeTempDir();
    const dir = join(root, "state");
    const system = writeSystem(join(root, "app"));
    const first = await startFixtureHost(dir, system);
    await fetch(`${first.url}/api/notes`, { method: "POST", body: "kept" });
    const secrets = readFileSync(join(dir, "secrets.json"), "utf8");
    expect(statSync(join(dir, "secrets.json")).mode & 0o777).toBe(0o600);
    await first.stop();

    const second = await startFixtureHost(dir, system);
    const found = await (await fetch(`${second.url}/api/notes`)).json();
    expect(found).toMatchObject({ text: "kept" });
    expect(readFileSync(join(dir, "secrets.json"), "utf8")).toBe(secrets);
    await second.stop();

    writeFileSync(join(dir, "not-ours.txt"), "stays");
    const third = await startFixtureHost(dir, system, { fresh: true });
    const forgotten = await (await fetch(`${third.url}/api/notes`)).json();
    expect(forgotten).toMatchObject({ text: null });
    expect(existsSync(join(dir, "not-ours.txt"))).toBe(true);
  });

  it("stops, and leaves no process, no port and no lock", async () => {
    const root = makeTempDir();
    const dir = join(root, "state");
    const host = await startFixtureHost(dir, writeSystem(join(root, "app")));
    const { payload } = await host.invoke("Sink", {});
    const { pid } = payload as { pid: number };
    expect(() => process.kill(pid, 0)).not.toThrow();
    await host.stop();
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    expect(existsSync(join(dir, "host.lock"))).toBe(false);
    for (const url of [host.url, host.sandboxUrl, ...endpointUrls(host.endpoints)]) {
      await expect(fetch(url)).rejects.toThrow("fetch failed");
    }
  });

  it("kills a function's processes on request and goes on", async () => {
    const root = makeTempDir();
    const host = await startFixtureHost(join(root, "state"), writeSystem(join(root, "app")));
    await host.invoke("Sink", {});
    expect(host.kill("Sink")).toBe(1);
    expect(await host.invoke("Sink", {})).toMatchObject({ functionError: null });
    expect(await host.invoke("Sink", { crash: true })).toMatchObject({
      functionError: "Unhandled",
      payload: { errorType: "Runtime.ExitError" },
    });
  });

  it("runs a schedule soon after the start", async () => {
    const root = makeTempDir();
    const host = await startFixtureHost(join(root, "state"), writeSystem(join(root, "app")), {
      schedules: true,
    });
    await expect.poll(() => host.stats("Tick").invocations).toBe(1);
  });
});

describe("a start that cannot be", () => {
  it.each([
    ["port", "the page and the API", "--port"],
    ["s3Port", "S3", "--s3-port"],
    ["sandboxPort", "TikTok sandbox", "--sandbox-port"],
  ])("says that %s is taken and leaves nothing running", async (option, purpose, flag) => {
    const root = makeTempDir();
    const dir = join(root, "state");
    const system = writeSystem(join(root, "app"));
    const taken = await takePort();
    await expect(startLocal({ dir, port: 0, system, [option]: taken })).rejects.toThrow(
      `Port ${taken} (${purpose}) is taken by another program. Choose another with ${flag}.`,
    );
    expect(existsSync(join(dir, "host.lock"))).toBe(false);
    await startFixtureHost(dir, system);
  });

  it("refuses a folder that another host is using", async () => {
    const root = makeTempDir();
    const dir = join(root, "state");
    const system = writeSystem(join(root, "app"));
    const first = await startFixtureHost(dir, system);
    await expect(startLocal({ dir, port: 0, system })).rejects.toThrow(
      `Another host (process ${process.pid}) is using ${dir}.`,
    );
    expect((await fetch(`${first.url}/api/notes`)).status).toBe(200);
  });

  it("refuses a schedule that it cannot run", async () => {
    const root = makeTempDir();
    const system = writeSystem(join(root, "app"));
    system.schedules = [{ name: "Daily", function: "Tick", expression: "cron(0 12 * * ? *)" }];
    await expect(startLocal({ dir: join(root, "state"), port: 0, system })).rejects.toThrow(
      "Daily: the local host runs rate(…) schedules only, not cron(0 12 * * ? *)",
    );
  });

  it("refuses a table whose keys have changed since the state was made", async () => {
    const root = makeTempDir();
    const dir = join(root, "state");
    const system = writeSystem(join(root, "app"));
    await (await startFixtureHost(dir, system)).stop();
    const [table] = system.tables;
    if (table !== undefined) table.indexes = [];
    await expect(startLocal({ dir, port: 0, system })).rejects.toThrow("Start with --fresh");
  });

  it("can be called off halfway", async () => {
    const root = makeTempDir();
    const dir = join(root, "state");
    const calledOff = new AbortController();
    const starting = startLocal({
      dir,
      port: 0,
      system: writeSystem(join(root, "app")),
      signal: calledOff.signal,
      log: () => calledOff.abort(),
    });
    await expect(starting).rejects.toThrow();
    expect(existsSync(join(dir, "host.lock"))).toBe(false);
  });
});

function endpointUrls(endpoints: Record<string, string>): string[] {
  return Object.values(endpoints).filter((value) => value.startsWith("http"));
}

async function takePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
