/**
 * KMS's actions on symmetric keys: Encrypt, Decrypt, ReEncrypt, GenerateDataKey, DescribeKey.
 *
 * Owns the wire: checked requests, KMS's errors and its answers. Only what the product uses is here; other members
 * (grants, attestation, asymmetric algorithms) are refused by name.
 */
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { AwsError, accountId } from "../sqs/aws-json.ts";
import * as Envelope from "./envelope.ts";
import type { MasterKey } from "./key-file.ts";

export type Keyring = {
  region: string;
  byId: (id: string) => MasterKey | undefined;
};

type Action = (body: unknown, keyring: Keyring) => object;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html */
const plaintextBytesMax = 4096;
/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html */
const ciphertextBytesMax = 6144;
/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html */
const dataKeyBytesMax = 1024;

const keyId = z.string().min(1).max(2048);
const context = z.record(z.string(), z.string()).default({});
const algorithm = z.literal("SYMMETRIC_DEFAULT").optional();

function blob(bytesMax: number) {
  return z
    .base64()
    .transform((text) => Buffer.from(text, "base64"))
    .refine((bytes) => bytes.length >= 1 && bytes.length <= bytesMax, {
      error: `Member must have length between 1 and ${bytesMax}`,
    });
}

export const actions: ReadonlyMap<string, Action> = new Map([
  [
    "Encrypt",
    action(
      z.strictObject({
        KeyId: keyId,
        Plaintext: blob(plaintextBytesMax),
        EncryptionContext: context,
        EncryptionAlgorithm: algorithm,
      }),
      (input, keyring) => {
        const key = find(keyring, input.KeyId);
        const sealed = Envelope.seal(key, input.Plaintext, input.EncryptionContext);
        return { ...sealedBy(keyring, key, sealed), EncryptionAlgorithm: "SYMMETRIC_DEFAULT" };
      },
    ),
  ],
  [
    "Decrypt",
    action(
      z.strictObject({
        CiphertextBlob: blob(ciphertextBytesMax),
        KeyId: keyId.optional(),
        EncryptionContext: context,
        EncryptionAlgorithm: algorithm,
      }),
      (input, keyring) => {
        const { key, plaintext } = open(keyring, {
          blob: input.CiphertextBlob,
          keyId: input.KeyId,
          context: input.EncryptionContext,
        });
        return {
          KeyId: arnOf(keyring.region, key),
          Plaintext: plaintext.toString("base64"),
          EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
        };
      },
    ),
  ],
  [
    "ReEncrypt",
    action(
      z.strictObject({
        CiphertextBlob: blob(ciphertextBytesMax),
        SourceKeyId: keyId.optional(),
        SourceEncryptionContext: context,
        SourceEncryptionAlgorithm: algorithm,
        DestinationKeyId: keyId,
        DestinationEncryptionContext: context,
        DestinationEncryptionAlgorithm: algorithm,
      }),
      (input, keyring) => {
        const destination = find(keyring, input.DestinationKeyId);
        const source = open(keyring, {
          blob: input.CiphertextBlob,
          keyId: input.SourceKeyId,
          context: input.SourceEncryptionContext,
        });
        const sealed = Envelope.seal(
          destination,
          source.plaintext,
          input.DestinationEncryptionContext,
        );
        return {
          ...sealedBy(keyring, destination, sealed),
          SourceKeyId: arnOf(keyring.region, source.key),
          SourceEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
          DestinationEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
        };
      },
    ),
  ],
  [
    "GenerateDataKey",
    action(
      z
        .strictObject({
          KeyId: keyId,
          EncryptionContext: context,
          KeySpec: z.enum(["AES_256", "AES_128"]).optional(),
          NumberOfBytes: z.int().min(1).max(dataKeyBytesMax).optional(),
        })
        .refine((input) => (input.KeySpec === undefined) !== (input.NumberOfBytes === undefined), {
          error: "Please specify either number of bytes or key spec.",
        }),
      (input, keyring) => {
        const key = find(keyring, input.KeyId);
        const bytes = randomBytes(input.NumberOfBytes ?? (input.KeySpec === "AES_128" ? 16 : 32));
        const sealed = Envelope.seal(key, bytes, input.EncryptionContext);
        return { ...sealedBy(keyring, key, sealed), Plaintext: bytes.toString("base64") };
      },
    ),
  ],
  [
    "DescribeKey",
    action(z.strictObject({ KeyId: keyId }), (input, keyring) => {
      const key = find(keyring, input.KeyId);
      return {
        KeyMetadata: {
          AWSAccountId: accountId,
          KeyId: key.id,
          Arn: arnOf(keyring.region, key),
          Description: key.name,
          CreationDate: key.createdAtMs / 1000,
          Enabled: true,
          KeyState: "Enabled",
          KeyUsage: "ENCRYPT_DECRYPT",
          KeySpec: "SYMMETRIC_DEFAULT",
          CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
          EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
          KeyManager: "CUSTOMER",
          Origin: "AWS_KMS",
          MultiRegion: false,
        },
      };
    }),
  ],
]);

export function arnOf(region: string, key: MasterKey): string {
  return `arn:aws:kms:${region}:${accountId}:key/${key.id}`;
}

function action<S extends z.ZodType>(
  schema: S,
  run: (input: z.output<S>, keyring: Keyring) => object,
): Action {
  return (body, keyring) => {
    const parsed = schema.safeParse(body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const member = issue?.path.join(".") || "(body)";
      throw failure(
        "ValidationException",
        `1 validation error detected: ${member}: ${issue?.message}`,
      );
    }
    return run(parsed.data, keyring);
  };
}

/** By id or ARN, the two forms that plan.json and code use. */
function find(keyring: Keyring, idOrArn: string): MasterKey {
  const key = keyring.byId(idOrArn.slice(idOrArn.lastIndexOf("/") + 1));
  if (key === undefined || (idOrArn !== key.id && idOrArn !== arnOf(keyring.region, key))) {
    throw failure("NotFoundException", `Key '${idOrArn}' does not exist`);
  }
  return key;
}

/** The key is read from the blob; naming another one is an error of its own. */
function open(
  keyring: Keyring,
  sealed: { blob: Buffer; keyId: string | undefined; context: Envelope.EncryptionContext },
): { key: MasterKey; plaintext: Buffer } {
  const key = keyring.byId(Envelope.keyIdOf(sealed.blob) ?? "");
  if (sealed.keyId !== undefined && find(keyring, sealed.keyId) !== key && key !== undefined) {
    throw failure(
      "IncorrectKeyException",
      "The key ID does not identify the key of the ciphertext.",
    );
  }
  const plaintext = key && Envelope.open(key, sealed.blob, sealed.context);
  if (key === undefined || plaintext === undefined) throw failure("InvalidCiphertextException", "");
  return { key, plaintext };
}

function sealedBy(keyring: Keyring, key: MasterKey, sealed: Buffer): object {
  return { KeyId: arnOf(keyring.region, key), CiphertextBlob: sealed.toString("base64") };
}

function failure(type: string, message: string): AwsError {
  return new AwsError({ type, message });
}
