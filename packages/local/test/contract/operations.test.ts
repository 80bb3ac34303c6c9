/** What operators' adapters do at the embedded servers: the depth of a queue, every key of the table, sealing anew. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KMSClient } from "@aws-sdk/client-kms";
import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { expect, it, onTestFinished } from "vitest";
import {
  createDynamoScanner,
  createKmsResealer,
  createSqsGauge,
} from "../../../core/src/operations/index.ts";
import { createKmsSealer, createSqsQueue } from "../../../core/src/system/index.ts";
import { createDynamoTable, type Key } from "../../../core/src/table/index.ts";
import { startKms } from "../../src/kms/index.ts";
import { startLocalTable } from "../dynamo/local-table.ts";
import { startLocalSqs } from "../sqs/local-sqs.ts";

it("createSqsGauge counts what can be had, what is out and what is delayed", async () => {
  const { client, create, dispose } = await startLocalSqs();
  onTestFinished(dispose);
  const url = await create("relay");
  const queue = createSqsQueue({ client, url });
  for (const delaySeconds of [0, 0, 0, 60])
    await queue.send({ body: "{}", groupId: "u", delaySeconds });
  await client.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 1 }));
  const depth = await createSqsGauge({ client, url }).depth();
  expect(depth).toEqual({ visible: 2, inFlight: 1, delayed: 1 });
});

it("createDynamoScanner finds every key once, and nothing but keys", async () => {
  const { client, dispose } = await startLocalTable();
  onTestFinished(dispose);
  const table = createDynamoTable({ client, tableName: "Table" });
  // Both share a client, and neither may change how the other one writes.
  const scanner = createDynamoScanner({ client, tableName: "Table" });
  const keys = Array.from({ length: 23 }, (_, n) => ({ pk: `USER#${n % 7}`, sk: `ACCOUNT#${n}` }));
  for (const key of keys)
    await table.put({ ...key, version: 1, writeId: "w", data: { n: undefined } }, 0);
  const found: Key[] = [];
  let after: Key | null = null;
  for (let page = 0; page < 10; page += 1) {
    const answer = await scanner.page({ limit: 5, after });
    expect(answer.keys.length).toBeLessThanOrEqual(5);
    found.push(...answer.keys);
    after = answer.next;
    if (after === null) break;
  }
  expect(after).toBeNull();
  const sorted = (some: Key[]) => some.map(({ pk, sk }) => `${pk} ${sk}`).sort();
  expect(sorted(found)).toEqual(sorted(keys));
  expect(Object.keys(found[0] ?? {}).sort()).toEqual(["pk", "sk"]);
});

it("createKmsResealer moves a secret to another key, in its context and in no other", async () => {
  const dir = await mkdtemp(join(tmpdir(), "contract-reseal-"));
  const kms = await startKms({ port: 0, keyFile: join(dir, "keys.json"), region: "eu-west-1" });
  const client = new KMSClient({
    endpoint: kms.url,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
  onTestFinished(async () => {
    client.destroy();
    await kms.close();
    await rm(dir, { recursive: true });
  });
  const context = { userId: "user-1", openId: "-000creator" };
  const old = createKmsSealer({ client, keyId: kms.arn("OldKey") });
  const next = createKmsSealer({ client, keyId: kms.arn("SealKey") });
  const { reseal } = createKmsResealer({ client, keyId: kms.arn("SealKey") });

  const sealed = await old.seal("act.demo", context);
  await expect(next.open(sealed, context)).rejects.toThrow();
  const anew = await reseal(sealed, context);
  expect(await next.open(anew, context)).toBe("act.demo");
  await expect(old.open(anew, context)).rejects.toThrow();
  const again = await reseal(anew, context);
  expect(again).not.toBe(anew);
  expect(await next.open(again, context)).toBe("act.demo");

  for (const [value, other] of [
    [sealed, { ...context, userId: "user-2" }],
    [Buffer.from("damaged").toString("base64"), context],
  ] as const) {
    await expect(reseal(value, other)).rejects.toMatchObject({ code: "unsealable" });
  }
  const lost = createKmsResealer({ client, keyId: "00000000-0000-4000-8000-000000000000" });
  await expect(lost.reseal(sealed, context)).rejects.toMatchObject({ name: "NotFoundException" });
});
