/**
 * The file that holds the master keys: 32 random bytes per logical name.
 *
 * Promises that only its owner can read it (0600, refused otherwise), that it is never half written (a new file is
 * renamed over the old one) and that a damaged one is never replaced: with its keys goes everything they have sealed.
 */
import { randomBytes, randomUUID } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";

export type MasterKey = { id: string; name: string; material: Buffer; createdAtMs: number };

/** AES-256. */
export const keyBytes = 32;

const fileSchema = z.strictObject({
  version: z.literal(1),
  keys: z.array(
    z.strictObject({
      id: z.uuid(),
      name: z.string().min(1),
      material: z.base64().transform((text) => Buffer.from(text, "base64")),
      createdAtMs: z.int(),
    }),
  ),
});

/** The keys of the file; none when there is no file yet. */
export function readKeyFile(path: string): MasterKey[] {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode === undefined) {
    return [];
  }
  if ((mode & 0o077) !== 0) {
    const shown = (mode & 0o777).toString(8);
    throw new Error(
      `The key file ${path} is open to other users (mode ${shown}). Close it with: chmod 600 '${path}'`,
    );
  }
  const keys = parseKeys(readFileSync(path, "utf8"));
  if (keys === undefined) {
    throw new Error(
      `The key file ${path} is damaged. Restore it, or delete it and lose what its keys have sealed.`,
    );
  }
  return keys;
}

/** Undefined for a damaged file. What is wrong with it stays unsaid: a parser's message may quote key material. */
function parseKeys(text: string): MasterKey[] | undefined {
  try {
    const { keys } = fileSchema.parse(JSON.parse(text));
    return keys.every((key) => key.material.length === keyBytes) ? keys : undefined;
  } catch {
    return undefined;
  }
}

export function createMasterKey(name: string): MasterKey {
  return { id: randomUUID(), name, material: randomBytes(keyBytes), createdAtMs: Date.now() };
}

/** Returns once the keys are on disk, so nothing is ever sealed by a key that a crash can take away. */
export function writeKeyFile(path: string, keys: readonly MasterKey[]): void {
  const text = JSON.stringify({
    version: 1,
    keys: keys.map((key) => ({ ...key, material: key.material.toString("base64") })),
  });
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  const file = openSync(temporary, "wx", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}
