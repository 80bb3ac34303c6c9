import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  IncorrectKeyException,
  InvalidCiphertextException,
  KMSClient,
  ListKeysCommand,
  NotFoundException,
  ReEncryptCommand,
} from "@aws-sdk/client-kms";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Kms, startKms } from "../../src/kms/index.ts";

const region = "eu-west-1";
const context = { userId: "u1", openId: "o1" };
const secret = Buffer.from("access and refresh token");

let dir: string;
let keyFile: string;
let kms: Kms;
let client: KMSClient;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "kms-"));
  keyFile = join(dir, "state", "keys.json");
  await start();
});

afterEach(async () => {
  await stop();
  rmSync(dir, { recursive: true });
});

async function start(): Promise<void> {
  kms = await startKms({ port: 0, keyFile, region });
  client = new KMSClient({
    endpoint: kms.url,
    region,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
}

async function stop(): Promise<void> {
  client.destroy();
  await kms.close();
}

async function encrypt(keyId: string, plaintext: Buffer = secret): Promise<Uint8Array> {
  const sealed = await client.send(
    new EncryptCommand({ KeyId: keyId, Plaintext: plaintext, EncryptionContext: context }),
  );
  return sealed.CiphertextBlob ?? new Uint8Array();
}

async function decrypt(
  ciphertext: Uint8Array,
  options: { context?: Record<string, string>; keyId?: string } = {},
): Promise<string> {
  const opened = await client.send(
    new DecryptCommand({
      CiphertextBlob: ciphertext,
      EncryptionContext: options.context ?? context,
      ...(options.keyId === undefined ? {} : { KeyId: options.keyId }),
    }),
  );
  return Buffer.from(opened.Plaintext ?? []).toString();
}

describe("sealing", () => {
  test("opens with the same context, in any order, and does not show the plaintext", async () => {
    const ciphertext = await encrypt(kms.arn("SealKey"));
    expect(Buffer.from(ciphertext).includes(secret)).toBe(false);
    const reordered = { openId: "o1", userId: "u1" };
    expect(await decrypt(ciphertext, { context: reordered })).toBe(secret.toString());
  });

  test("never seals twice alike", async () => {
    const arn = kms.arn("SealKey");
    expect(await encrypt(arn)).not.toEqual(await encrypt(arn));
  });

  test.each([
    ["another value", { userId: "u2", openId: "o1" }],
    ["swapped values", { userId: "o1", openId: "u1" }],
    ["a missing entry", { userId: "u1" }],
    ["one more entry", { ...context, more: "x" }],
    ["no context", {}],
  ])("does not open with %s", async (_title, wrong) => {
    const ciphertext = await encrypt(kms.arn("SealKey"));
    const opening = decrypt(ciphertext, { context: wrong });
    await expect(opening).rejects.toBeInstanceOf(InvalidCiphertextException);
  });

  test("does not open when any byte was changed, or the end is missing", async () => {
    const ciphertext = await encrypt(kms.arn("SealKey"), Buffer.from("xy"));
    for (let index = 0; index < ciphertext.length; index += 1) {
      const changed = Uint8Array.from(ciphertext, (byte, at) => (at === index ? byte ^ 1 : byte));
      await expect(decrypt(changed)).rejects.toBeInstanceOf(InvalidCiphertextException);
    }
    const cut = ciphertext.subarray(0, -1);
    await expect(decrypt(cut)).rejects.toBeInstanceOf(InvalidCiphertextException);
    await expect(decrypt(new Uint8Array(3))).rejects.toBeInstanceOf(InvalidCiphertextException);
  });

  test("a named key must be the one that sealed", async () => {
    const ciphertext = await encrypt(kms.arn("SealKey"));
    expect(await decrypt(ciphertext, { keyId: kms.arn("SealKey") })).toBe(secret.toString());
    const other = decrypt(ciphertext, { keyId: kms.arn("OtherKey") });
    await expect(other).rejects.toBeInstanceOf(IncorrectKeyException);
  });

  test("takes 4096 bytes and no more", async () => {
    const arn = kms.arn("SealKey");
    const largest = Buffer.alloc(4096, "x");
    expect(await decrypt(await encrypt(arn, largest))).toBe(largest.toString());
    const tooLarge = encrypt(arn, Buffer.alloc(4097));
    await expect(tooLarge).rejects.toMatchObject({ name: "ValidationException" });
  });

  test("data keys come in the clear and sealed, of the length asked for", async () => {
    const arn = kms.arn("SealKey");
    for (const [input, bytes] of [
      [{ KeySpec: "AES_256" }, 32],
      [{ KeySpec: "AES_128" }, 16],
      [{ NumberOfBytes: 64 }, 64],
    ] as const) {
      const made = await client.send(
        new GenerateDataKeyCommand({ KeyId: arn, EncryptionContext: context, ...input }),
      );
      const clear = Buffer.from(made.Plaintext ?? []);
      expect(clear.length).toBe(bytes);
      const opened = await client.send(
        new DecryptCommand({ CiphertextBlob: made.CiphertextBlob, EncryptionContext: context }),
      );
      expect(Buffer.from(opened.Plaintext ?? [])).toEqual(clear);
    }
    const neither = client.send(new GenerateDataKeyCommand({ KeyId: arn }));
    await expect(neither).rejects.toMatchObject({ name: "ValidationException" });
  });
});

describe("sealing anew", () => {
  const reEncrypt = (input: { blob: Uint8Array; to: string; from?: string; userId?: string }) =>
    client.send(
      new ReEncryptCommand({
        CiphertextBlob: input.blob,
        SourceEncryptionContext: { ...context, userId: input.userId ?? context.userId },
        DestinationKeyId: input.to,
        DestinationEncryptionContext: { userId: "u2" },
        ...(input.from === undefined ? {} : { SourceKeyId: input.from }),
      }),
    );

  test("moves a secret to another key and context, naming both keys", async () => {
    const [from, to] = [kms.arn("SealKey"), kms.arn("OtherKey")];
    const answer = await reEncrypt({ blob: await encrypt(from), from, to });
    expect(answer).toMatchObject({ SourceKeyId: from, KeyId: to });
    const anew = answer.CiphertextBlob ?? new Uint8Array();
    expect(await decrypt(anew, { keyId: to, context: { userId: "u2" } })).toBe(secret.toString());
  });

  test("reads from the secret which key sealed it", async () => {
    const to = kms.arn("SealKey");
    const blob = await encrypt(kms.arn("OtherKey"));
    expect((await reEncrypt({ blob, to })).SourceKeyId).toBe(kms.arn("OtherKey"));
    await expect(reEncrypt({ blob, to, from: to })).rejects.toBeInstanceOf(IncorrectKeyException);
  });

  test("demands the context that the secret was sealed with", async () => {
    const to = kms.arn("SealKey");
    const wrong = reEncrypt({ blob: await encrypt(to), to, userId: "u2" });
    await expect(wrong).rejects.toBeInstanceOf(InvalidCiphertextException);
  });
});

describe("keys", () => {
  test("are known by ARN and by id", async () => {
    const arn = kms.arn("SealKey");
    const { KeyMetadata: described } = await client.send(new DescribeKeyCommand({ KeyId: arn }));
    expect(described).toMatchObject({ Arn: arn, Enabled: true, KeyState: "Enabled" });
    expect(described?.CreationDate?.getTime()).toBeGreaterThan(0);
    const byId = await encrypt(described?.KeyId ?? "");
    expect(await decrypt(byId)).toBe(secret.toString());
  });

  test.each([
    ["an unknown id", "00000000-0000-4000-8000-000000000000"],
    ["a logical name", "SealKey"],
  ])("are not found by %s", async (_title, keyId) => {
    kms.arn("SealKey");
    await expect(encrypt(keyId)).rejects.toBeInstanceOf(NotFoundException);
  });

  test("are not found by another region's ARN", async () => {
    const foreign = kms.arn("SealKey").replace(region, "us-east-1");
    await expect(encrypt(foreign)).rejects.toBeInstanceOf(NotFoundException);
  });

  test("outlive a restart", async () => {
    const arn = kms.arn("SealKey");
    const ciphertext = await encrypt(arn);
    await stop();
    await start();
    expect(kms.arn("SealKey")).toBe(arn);
    expect(await decrypt(ciphertext)).toBe(secret.toString());
  });

  test("what the server does not have is refused by name", async () => {
    await expect(client.send(new ListKeysCommand({}))).rejects.toMatchObject({
      name: "UnknownOperationException",
    });
  });
});

describe("the key file", () => {
  test("is made at the first start, for its owner alone, and leaves nothing beside it", () => {
    kms.arn("SealKey");
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(dir, "state"))).toEqual(["keys.json"]);
  });

  test.each([0o640, 0o604, 0o666])(
    "is refused when others can reach it (mode %o)",
    async (mode) => {
      kms.arn("SealKey");
      chmodSync(keyFile, mode);
      const again = startKms({ port: 0, keyFile, region });
      await expect(again).rejects.toThrow(`chmod 600 '${keyFile}'`);
    },
  );

  test("is refused when damaged, and left as it is", async () => {
    kms.arn("SealKey");
    const damaged = readFileSync(keyFile, "utf8").slice(0, -5);
    writeFileSync(keyFile, damaged);
    await expect(startKms({ port: 0, keyFile, region })).rejects.toThrow("is damaged");
    expect(readFileSync(keyFile, "utf8")).toBe(damaged);
  });

  test("never shows a key in an error", async () => {
    kms.arn("SealKey");
    const text = readFileSync(keyFile, "utf8");
    const material = JSON.parse(text).keys[0].material;
    writeFileSync(keyFile, text.replace(material, `${material}!`));
    const failed = await startKms({ port: 0, keyFile, region }).catch((error: unknown) => error);
    const { message, cause } = failed as Error;
    expect(message).toContain("is damaged");
    expect(`${message} ${String(cause)}`).not.toContain(material.slice(0, 10));
  });
});
