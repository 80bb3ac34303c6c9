/**
 * The key that seals TikTok tokens before they reach the table. Without it every connected account is lost, so
 * production keeps it even when the stack goes.
 */
import { isProduction } from "./settings.ts";

sst.Linkable.wrap(aws.kms.Key, (key) => ({ properties: { arn: key.arn } }));

export const sealKey = new aws.kms.Key(
  "SealKey",
  {
    description: "Seals TikTok tokens at rest",
    enableKeyRotation: true,
    deletionWindowInDays: isProduction ? 30 : 7,
  },
  { retainOnDelete: isProduction },
);

export const sealTokens = {
  actions: ["kms:Encrypt", "kms:Decrypt"],
  resources: [sealKey.arn],
};
