import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KMSClient } from "@aws-sdk/client-kms";
import { createKmsSealer } from "../../../core/src/system/index.ts";
import { describeSealer } from "../../../core/test/contract/sealer.ts";
import { startKms } from "../../src/kms/index.ts";

describeSealer("createKmsSealer on local KMS", async () => {
  const dir = await mkdtemp(join(tmpdir(), "contract-kms-"));
  const kms = await startKms({ port: 0, keyFile: join(dir, "keys.json"), region: "eu-west-1" });
  const client = new KMSClient({
    endpoint: kms.url,
    region: "eu-west-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
  return {
    sealer: createKmsSealer({ client, keyId: kms.arn("SealKey") }),
    async close() {
      client.destroy();
      await kms.close();
      await rm(dir, { recursive: true });
    },
  };
});
