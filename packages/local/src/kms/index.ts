/**
 * KMS on loopback: symmetric keys that seal and open small secrets, spoken to by any AWS SDK.
 *
 * Owns the server and the keys behind it, which live in one file that only its owner can read and outlive restarts.
 * Encryption contexts are authenticated as on AWS: what was sealed for one user and account opens for no other.
 */
import { serveAwsJson, unknownOperation } from "../sqs/aws-json.ts";
import { actions, arnOf } from "./actions.ts";
import { createMasterKey, readKeyFile, writeKeyFile } from "./key-file.ts";

export type KmsOptions = {
  /** 0 takes a free port. */
  port: number;
  /** Made at the first start, with mode 0600. */
  keyFile: string;
  region: string;
};

export type Kms = {
  url: string;
  port: number;
  /** The ARN of the key of a logical name; makes the key, on disk before this returns, when there is none yet. */
  arn: (name: string) => string;
  close: () => Promise<void>;
};

/** A 6 KiB ciphertext in base64 and a generous encryption context. */
const bodyBytesMax = 64 * 1024;

/** Refuses to start with a key file that others can read, or that is damaged. */
export async function startKms(options: KmsOptions): Promise<Kms> {
  const { keyFile, port, region } = options;
  const keys = readKeyFile(keyFile);
  if (keys.length === 0) {
    writeKeyFile(keyFile, keys);
  }
  const keyring = { region, byId: (id: string) => keys.find((key) => key.id === id) };
  const server = await serveAwsJson({
    port,
    targetPrefix: "TrentService",
    version: "1.1",
    bodyBytesMax,
    run: async ({ action, body }) => {
      const run = actions.get(action);
      if (run === undefined) {
        throw unknownOperation(action);
      }
      return run(body, keyring);
    },
  });
  return {
    url: server.url,
    port: server.port,
    arn: (name) => {
      const existing = keys.find((key) => key.name === name);
      if (existing !== undefined) {
        return arnOf(region, existing);
      }
      const created = createMasterKey(name);
      writeKeyFile(keyFile, [...keys, created]);
      keys.push(created);
      return arnOf(region, created);
    },
    close: server.close,
  };
}
