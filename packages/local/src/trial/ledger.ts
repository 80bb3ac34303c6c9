/**
 * The secrets of a run, written down as they are handed out: a file, because the host that hands them out is killed again
 * and again. It lies in the run's own folder and goes with it.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import * as z from "zod";

export const secretKinds = [
  "access token",
  "refresh token",
  "code",
  "upload URL",
  "signed URL",
  "cookie",
  "credential",
] as const;

const secretSchema = z.object({ kind: z.enum(secretKinds), value: z.string().min(1) });
export type Secret = z.infer<typeof secretSchema>;

export const secretsFile = "secrets.jsonl";

export interface Ledger {
  /** Written before it returns: whoever is told the secret next may print it. */
  add(secret: Secret): void;
}

export function createLedger(path: string): Ledger {
  const known = new Set<string>();
  return {
    add(secret) {
      if (known.has(secret.value)) return;
      known.add(secret.value);
      appendFileSync(path, `${JSON.stringify(secret)}\n`, { mode: 0o600 });
    },
  };
}

/** A last line that a killed host left unfinished was never handed out. */
export function readLedger(path: string): Secret[] {
  if (!existsSync(path)) return [];
  const byValue = new Map<string, Secret>();
  for (const line of readFileSync(path, "utf8").split("\n")) {
    if (!line.endsWith("}")) continue;
    const secret = parse(line);
    if (secret !== null) byValue.set(secret.value, secret);
  }
  return [...byValue.values()];
}

function parse(line: string): Secret | null {
  try {
    return secretSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
