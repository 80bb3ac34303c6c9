import { DecryptCommand, EncryptCommand, KMSClient } from "@aws-sdk/client-kms";
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { createManualClock, createSeededRandom } from "@clipcast/core/testing";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { createKmsSealer, createSqsQueue, timeOrderedId } from "../../src/system/index.ts";

const kms = mockClient(KMSClient);
const sqs = mockClient(SQSClient);
const sealer = createKmsSealer({ client: new KMSClient({ region: "us-east-1" }), keyId: "key-1" });
const context = { userId: "user-1" };

beforeEach(() => {
  kms.reset();
  sqs.reset();
});

describe("createKmsSealer", () => {
  it("does not believe an answer without its content", async () => {
    kms.on(EncryptCommand).resolves({});
    await expect(sealer.seal("act.demo", context)).rejects.toThrow("answers a ciphertext");
    kms.on(DecryptCommand).resolves({});
    await expect(sealer.open("c2VhbGVk", context)).rejects.toThrow("answers a plaintext");
  });

  it("names its key when it opens, so that no other key's secret is taken", async () => {
    kms.on(DecryptCommand).resolves({ Plaintext: Buffer.from("act.demo") });
    expect(await sealer.open("c2VhbGVk", context)).toBe("act.demo");
    expect(kms.commandCalls(DecryptCommand)[0]?.args[0].input).toMatchObject({
      KeyId: "key-1",
      EncryptionContext: context,
    });
  });

  it("does not bother KMS with a secret that cannot fit", async () => {
    await expect(sealer.seal("x".repeat(4_097), context)).rejects.toThrow("fits one KMS call");
    expect(kms.calls()).toHaveLength(0);
  });

  it("passes throttling on", async () => {
    const error = Object.assign(new Error("slow down"), { name: "ThrottlingException" });
    kms.onAnyCommand().rejects(error);
    await expect(sealer.seal("act.demo", context)).rejects.toBe(error);
    await expect(sealer.open("c2VhbGVk", context)).rejects.toBe(error);
  });
});

describe("createSqsQueue", () => {
  it("passes a failure on: the sender's record is what the poller finds", async () => {
    const error = new Error("over the limit");
    sqs.on(SendMessageCommand).rejects(error);
    const queue = createSqsQueue({ client: new SQSClient({ region: "us-east-1" }), url: "u" });
    const message = { body: "{}", groupId: "user-1", delaySeconds: 0 };
    await expect(queue.send(message)).rejects.toBe(error);
  });

  it("does not take a missing count for an empty queue", async () => {
    const queue = createSqsQueue({ client: new SQSClient({ region: "us-east-1" }), url: "u" });
    sqs.on(GetQueueAttributesCommand).resolves({ Attributes: {} });
    await expect(queue.waiting()).rejects.toThrow();
    sqs
      .on(GetQueueAttributesCommand)
      .resolves({ Attributes: { ApproximateNumberOfMessages: "7" } });
    expect(await queue.waiting()).toBe(7);
  });
});

describe("timeOrderedId", () => {
  it("sorts by time of creation and never repeats", async () => {
    const deps = { clock: createManualClock(), random: createSeededRandom(1) };
    const ids: string[] = [];
    for (let n = 0; n < 50; n += 1) {
      ids.push(timeOrderedId(deps));
      await deps.clock.advance(1);
    }
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(50);
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(timeOrderedId(deps)).not.toBe(timeOrderedId(deps));
  });
});
