/** A running local SQS under a clock that the test turns, and an SDK client for it. */
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type Sqs, startSqs } from "../../src/sqs/index.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";

export type Report = { action: string; queue: string; status: number };

export type LocalSqs = {
  clock: ManualClock;
  sqs: Sqs;
  client: SQSClient;
  /** What the server reported so far. */
  records: Report[];
  /** Resolves with the next report of that status. */
  reported: (status: number) => Promise<void>;
  /** Creates a queue and answers its URL. */
  create: (name: string, attributes?: { [name: string]: string }) => Promise<string>;
  dispose: () => Promise<void>;
};

export async function startLocalSqs(): Promise<LocalSqs> {
  const clock = createManualClock();
  const records: Report[] = [];
  let onRecord: (record: Report) => void = () => {};
  const sqs = await startSqs({
    port: 0,
    region: "eu-west-1",
    clock,
    onRequest: (record) => {
      records.push(record);
      onRecord(record);
    },
  });
  const client = new SQSClient({
    endpoint: sqs.url,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
  return {
    clock,
    sqs,
    client,
    records,
    reported: (status) =>
      new Promise((resolve) => {
        onRecord = (record) => {
          if (record.status === status) {
            resolve();
          }
        };
      }),
    async create(name, attributes = {}) {
      const created = await client.send(
        new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
      );
      return created.QueueUrl ?? "";
    },
    async dispose() {
      client.destroy();
      await sqs.close();
    },
  };
}
