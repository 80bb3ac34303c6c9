/**
 * Sealing bytes under a master key: AES-256-GCM, bound to the key and to the encryption context.
 *
 *   ┌─────────┬────────┬───────┬────────┬────────────┐
 *   │ version │ key id │  iv   │  tag   │ ciphertext │
 *   │    1    │   16   │  12   │   16   │     n      │  bytes
 *   └─────────┴────────┴───────┴────────┴────────────┘
 *
 * Pure but for the random iv. Opening answers undefined for anything but the untouched blob with the very context it
 * was sealed with; it does not say which part was wrong, as KMS does not.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

export type EncryptionContext = Record<string, string>;
export type SealingKey = { id: string; material: Buffer };

const version = 1;
const keyIdBytes = 16;
const ivBytes = 12;
const tagBytes = 16;
const ivStart = 1 + keyIdBytes;
const tagStart = ivStart + ivBytes;
const headerBytes = tagStart + tagBytes;

export function seal(key: SealingKey, plaintext: Buffer, context: EncryptionContext): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", key.material, iv, { authTagLength: tagBytes });
  cipher.setAAD(authenticatedData(key.id, context));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const keyId = Buffer.from(key.id.replaceAll("-", ""), "hex");
  return Buffer.concat([Buffer.of(version), keyId, iv, cipher.getAuthTag(), ciphertext]);
}

/** The id of the key that a blob names; undefined when it is no blob of ours. */
export function keyIdOf(blob: Buffer): string | undefined {
  if (blob.length < headerBytes || blob[0] !== version) {
    return undefined;
  }
  const hex = blob.toString("hex", 1, ivStart);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function open(
  key: SealingKey,
  blob: Buffer,
  context: EncryptionContext,
): Buffer | undefined {
  if (keyIdOf(blob) !== key.id) {
    return undefined;
  }
  const iv = blob.subarray(ivStart, tagStart);
  const decipher = createDecipheriv("aes-256-gcm", key.material, iv, { authTagLength: tagBytes });
  decipher.setAuthTag(blob.subarray(tagStart, headerBytes));
  decipher.setAAD(authenticatedData(key.id, context));
  const start = decipher.update(blob.subarray(headerBytes));
  try {
    return Buffer.concat([start, decipher.final()]);
  } catch {
    return undefined;
  }
}

/** One spelling per context: its order does not matter, and no two contexts share a spelling. */
function authenticatedData(keyId: string, context: EncryptionContext): Buffer {
  const entries = Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify([version, keyId, entries]));
}
