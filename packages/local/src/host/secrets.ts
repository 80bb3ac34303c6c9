/**
 * Credentials that exist on this machine only: those of the local S3, and those of the app that the
 * TikTok sandbox knows us by.
 *
 * Made at the first start and kept, because signed URLs and linked accounts must survive a restart.
 * They open nothing but the servers of this folder, yet the file is its owner's alone.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";

const secretsSchema = z.object({
  s3: z.object({ accessKeyId: z.string().min(1), secretAccessKey: z.string().min(1) }),
  tikTok: z.object({ clientKey: z.string().min(1), clientSecret: z.string().min(1) }),
});

export type Secrets = z.infer<typeof secretsSchema>;

export function loadSecrets(path: string): Secrets {
  if (existsSync(path)) {
    chmodSync(path, 0o600);
    return secretsSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  }
  const secrets: Secrets = {
    s3: { accessKeyId: `LOCAL${randomHex(8)}`, secretAccessKey: randomHex(20) },
    tikTok: { clientKey: `local${randomHex(8)}`, clientSecret: randomHex(16) },
  };
  writeFileSync(path, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}

function randomHex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}
