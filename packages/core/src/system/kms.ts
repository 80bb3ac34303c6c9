/**
 * The sealer port over KMS: each secret is encrypted directly under the key, bound to its encryption context, so that
 * a sealed value copied to another user's row cannot be opened there.
 */
import { DecryptCommand, EncryptCommand, type KMSClient } from "@aws-sdk/client-kms";
import { assert } from "../errors/index.ts";
import type { Sealer } from "./index.ts";

/** The most that one KMS Encrypt call takes (KMS API reference, Encrypt, Plaintext). */
const plaintextBytesMax = 4096;

export function createKmsSealer(options: { client: KMSClient; keyId: string }): Sealer {
  return {
    async seal(plaintext, context) {
      const bytes = Buffer.from(plaintext, "utf8");
      assert(bytes.length <= plaintextBytesMax, "a secret fits one KMS call");
      const answer = await options.client.send(
        new EncryptCommand({
          KeyId: options.keyId,
          Plaintext: bytes,
          EncryptionContext: context,
        }),
      );
      assert(answer.CiphertextBlob, "KMS answers a ciphertext");
      return Buffer.from(answer.CiphertextBlob).toString("base64");
    },
    async open(sealed, context) {
      const answer = await options.client.send(
        new DecryptCommand({
          KeyId: options.keyId,
          CiphertextBlob: Buffer.from(sealed, "base64"),
          EncryptionContext: context,
        }),
      );
      assert(answer.Plaintext, "KMS answers a plaintext");
      return Buffer.from(answer.Plaintext).toString("utf8");
    },
  };
}
