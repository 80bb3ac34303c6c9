/** Randomness from a seed, a log that can be read, and a sealer that keeps its secrets apart by context. */
import { createHash } from "node:crypto";
import { assert } from "../errors/index.ts";
import type { Log, LogFields, Measures, Random, Sealer } from "../system/index.ts";

/** The same seed draws the same bytes: SHA-256 of seed and counter. */
export function createSeededRandom(seed: string | number): Random {
  let counter = 0;
  return {
    bytes(count) {
      const blocks: Buffer[] = [];
      for (let drawn = 0; drawn < count; drawn += 32) {
        counter += 1;
        blocks.push(createHash("sha256").update(`${seed}:${counter}`).digest());
      }
      return Buffer.concat(blocks).subarray(0, count);
    },
  };
}

export type LogLine = Omit<LogFields, "event"> & { event: string };

export function createRecordingLog(): Log & { lines: LogLine[]; measured: Measures[] } {
  const lines: LogLine[] = [];
  const measured: Measures[] = [];
  return {
    lines,
    measured,
    event: (event, fields, measures) => {
      lines.push({ event, ...fields });
      if (measures !== undefined) measured.push(measures);
    },
  };
}

/** The most that one KMS Encrypt call takes (KMS API reference, Encrypt, Plaintext). */
const plaintextBytesMax = 4_096;

/** Not encryption: it binds the text to its context and hides it from a glance at the table. */
export function createFakeSealer(): Sealer {
  return {
    async seal(plaintext, context) {
      assert(Buffer.byteLength(plaintext) <= plaintextBytesMax, "a secret fits one KMS call");
      return Buffer.from(JSON.stringify([plaintext, sorted(context)])).toString("base64");
    },
    async open(sealed, context) {
      const [plaintext, sealedFor] = JSON.parse(Buffer.from(sealed, "base64").toString("utf8"));
      assert(
        sealedFor === sorted(context),
        "a secret is opened with the context it was sealed with",
      );
      return plaintext;
    },
  };
}

function sorted(context: Record<string, string>): string {
  return JSON.stringify(Object.entries(context).sort());
}
