/**
 * Sealing anew inside of KMS: the plaintext never leaves it, so that an operator needs no right to read a token. KMS reads
 * from the old value which key sealed it, and with which of its materials.
 */
import {
  IncorrectKeyException,
  InvalidCiphertextException,
  type KMSClient,
  ReEncryptCommand,
} from "@aws-sdk/client-kms";
import { assert, FatalError } from "../errors/index.ts";

export interface Resealer {
  /** Throws `FatalError` (`unsealable`) for a value that no key opens with this context. */
  reseal(sealed: string, context: Record<string, string>): Promise<string>;
}

export function createKmsResealer(options: { client: KMSClient; keyId: string }): Resealer {
  return {
    async reseal(sealed, context) {
      try {
        const answer = await options.client.send(
          new ReEncryptCommand({
            CiphertextBlob: Buffer.from(sealed, "base64"),
            SourceEncryptionContext: context,
            DestinationKeyId: options.keyId,
            DestinationEncryptionContext: context,
          }),
        );
        assert(answer.CiphertextBlob, "KMS answers a ciphertext");
        return Buffer.from(answer.CiphertextBlob).toString("base64");
      } catch (error) {
        const isUnsealable =
          error instanceof InvalidCiphertextException || error instanceof IncorrectKeyException;
        if (!isUnsealable) throw error;
        throw new FatalError("unsealable", "A sealed value cannot be opened.", { cause: error });
      }
    },
  };
}
