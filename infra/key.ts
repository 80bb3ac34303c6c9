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

/** A creator's tokens. */
export const sealTokens = seal(["userId", "openId"]);

/** Where TikTok takes the bytes of one publication: an address that needs no token. */
export const sealUploadUrls = seal(["userId", "publicationId"]);

/** What a login must remember until its callback. */
export const sealLogins = seal(["purpose"]);

/**
 * Only under an encryption context of exactly these keys, none of them empty: a function that is tricked into opening
 * a sealed value must still say whose it is and what for, and CloudTrail records it.
 */
function seal(contextKeys: string[]) {
  return {
    actions: ["kms:Encrypt", "kms:Decrypt"],
    resources: [sealKey.arn],
    conditions: [
      {
        test: "ForAllValues:StringEquals",
        variable: "kms:EncryptionContextKeys",
        values: contextKeys,
      },
      // "For all values" is also true where there are none.
      ...contextKeys.map((key) => ({
        test: "StringLike",
        variable: `kms:EncryptionContext:${key}`,
        values: ["?*"],
      })),
    ],
  };
}
