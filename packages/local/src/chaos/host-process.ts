/**
 * The local system as a process that can be killed whole: started by `fork` with its options as JSON, it reports where it
 * is, then takes orders. It ends when the one who started it goes away.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type LocalHost, startLocal } from "../index.ts";
import { hostOptionsSchema, type Note, type Order, orderSchema } from "./wire.ts";

/** Without one for so long, a function is idle, and may as well be killed idle. */
const signOfLifeMs = 800;

const options = hostOptionsSchema.parse(JSON.parse(process.argv[2] ?? "{}"));
const host = await startLocal({
  ...options,
  settings: { isAudited: true },
  sandbox: {
    processingMs: 200,
    processingMsPerGb: 0,
    moderationMs: 0,
    postsPerDayMax: 100_000,
    activeCreatorsPerDayMax: 100_000,
    // An upload begins with it, and one that is begun again and again asks again and again. The windows of init and
    // status stay TikTok's own: keeping them is the product's promise.
    creatorInfoPerMinute: 10_000,
    retainVideoBytes: 300_000_000,
  },
  log: (message) => tell({ type: "problem", message }),
});
const { url, sandboxUrl, s3Url, endpoints } = host;

process.on("disconnect", () => void host.stop().finally(() => process.exit(0)));
process.on("message", (message) => {
  const order = orderSchema.parse(message);
  obey(host, order).then(
    (value) => tell({ type: "done", id: order.id, value }),
    (error: unknown) => tell({ type: "failed", id: order.id, message: String(error) }),
  );
});
tell({
  type: "started",
  url,
  sandboxUrl,
  s3Url,
  endpoints,
  tableName: nameOf("Table"),
  bucketName: nameOf("Bucket"),
});

async function obey(local: LocalHost, order: Order): Promise<number> {
  const { call, functionName, aimMs } = order;
  if (call === "stop") await local.stop();
  if (call === "kill") {
    await signOfLife(local, functionName);
    await delay(aimMs);
    return local.kill(functionName);
  }
  if (call === "invoke") {
    const { functionError } = await local.invoke(functionName, {});
    return functionError === null ? 0 : 1;
  }
  return 0;
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

function tell(note: Note): void {
  if (process.connected) process.send?.(note, () => undefined);
}

function nameOf(link: string): string {
  const name = host.links[link]?.name;
  if (typeof name !== "string") throw new Error(`no name behind ${link}`);
  return name;
}
