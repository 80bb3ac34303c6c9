/**
 * The local system as a process that can be killed whole: started by `fork` with its options as JSON, it reports where it
 * is, then takes orders. It ends when the one who started it goes away.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readSystem } from "@clipcast/infra/plan";
import { physicalName } from "../host/provision.ts";
import { loadSecrets } from "../host/secrets.ts";
import { type LocalHost, projectRoot, startLocal } from "../index.ts";
import { createCounter } from "./counter.ts";
import { createLedger, secretsFile } from "./ledger.ts";
import { hostOptionsSchema, type Note, type Order, orderSchema } from "./wire.ts";
import { tapServers } from "./wiretap.ts";

/** Without one for so long, a function is idle, and may as well be killed idle. */
const signOfLifeMs = 800;

const { knobs, recordDir, ...options } = hostOptionsSchema.parse(
  JSON.parse(process.argv[2] ?? "{}"),
);
const counter = createCounter();
if (recordDir !== null) tapServers(createLedger(join(recordDir, secretsFile)).add);
const host = await startLocal({
  ...options,
  settings: { isAudited: true },
  sandbox: Object.fromEntries(Object.entries(knobs)),
  log: (message) => {
    process.stdout.write(`${message}\n`);
    tell({ type: "problem", message });
  },
});
host.subscribe(({ functionName, line }) => {
  counter.hear(functionName, line);
  if (recordDir !== null) {
    appendFileSync(join(recordDir, "functions.log"), `${functionName} ${line}\n`);
  }
});
if (recordDir !== null) recordCredentials(recordDir);

process.on("disconnect", () => void host.stop().finally(() => process.exit(0)));
process.on("message", (message) => {
  const order = orderSchema.parse(message);
  obey(host, order).then(
    (value) => tell({ type: "done", id: order.id, value }),
    (error: unknown) => tell({ type: "failed", id: order.id, message: String(error) }),
  );
});
const { url, sandboxUrl, s3Url, endpoints } = host;
const relayQueueUrl = linked("RelayQueue", "url");
const system = readSystem(join(projectRoot, "infra", "plan", "plan.json"));
tell({
  type: "started",
  url,
  sandboxUrl,
  s3Url,
  endpoints,
  tableName: linked("Table", "name"),
  bucketName: linked("Bucket", "name"),
  relayQueueUrl,
  // Queues differ in the last step of their addresses only.
  deadQueueUrl: new URL(physicalName(system, "RelayDeadQueue"), relayQueueUrl).href,
});

async function obey(local: LocalHost, order: Order): Promise<unknown> {
  const { call, functionName, aimMs } = order;
  if (call === "stop") return local.stop().then(() => true);
  if (call === "counts") return { events: counter.counts(), relay: local.stats("Relay") };
  if (call === "invoke") return (await local.invoke(functionName, {})).functionError === null;
  await signOfLife(local, functionName);
  await delay(aimMs);
  return call === "kill" ? local.kill(functionName) : 0;
}

async function signOfLife(local: LocalHost, functionName: string): Promise<void> {
  const heard = Promise.withResolvers<void>();
  const stopListening = local.subscribe((line) => {
    if (line.functionName === functionName) heard.resolve();
  });
  const timeout = new AbortController();
  await Promise.race([
    heard.promise,
    delay(signOfLifeMs, undefined, { signal: timeout.signal }).catch(() => undefined),
  ]);
  timeout.abort();
  stopListening();
}

/** What is never handed out must not be printed either. */
function recordCredentials(dir: string): void {
  const { s3, tikTok } = loadSecrets(join(options.dir, "secrets.json"));
  const { add } = createLedger(join(dir, secretsFile));
  add({ kind: "credential", value: s3.secretAccessKey });
  add({ kind: "credential", value: tikTok.clientSecret });
}

function tell(note: Note): void {
  if (process.connected) process.send?.(note, () => undefined);
}

function linked(link: string, property: string): string {
  const value = host.links[link]?.[property];
  if (typeof value !== "string") throw new Error(`no ${property} behind ${link}`);
  return value;
}
