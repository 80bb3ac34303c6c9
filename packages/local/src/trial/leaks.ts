/**
 * Whether anything that was printed in a run holds a secret of it. A kind of secret that was never seen fails as well:
 * where nothing is known, nothing can be found.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readLedger, type Secret, secretKinds, secretsFile } from "./ledger.ts";

export interface PrintedText {
  name: string;
  text: string;
}

const shownMax = 200;
const logName = /\.log(\.1)?$/;

/** Everything that hosts and functions printed, against the ledger of the same folder. */
export function findRecordedLeaks(recordDir: string): { leaks: string[]; secrets: number } {
  const logs = readdirSync(recordDir)
    .filter((name) => logName.test(name))
    .map((name) => ({ name, text: readFileSync(join(recordDir, name), "utf8") }));
  const secrets = readLedger(join(recordDir, secretsFile));
  return { leaks: findLeaks(secrets, logs), secrets: secrets.length };
}

/** Pure. The lines it answers hold no secret. */
export function findLeaks(secrets: Secret[], logs: PrintedText[]): string[] {
  const unseen = secretKinds.filter((kind) => !secrets.some((secret) => secret.kind === kind));
  const leaks = unseen.map((kind) => `no ${kind} was ever seen, so that none could be found`);
  if (logs.every(({ text }) => text === "")) leaks.push("nothing was printed at all");
  for (const { name, text } of logs) {
    const found = secrets.filter(({ value }) => formsOf(value).some((form) => text.includes(form)));
    for (const secret of found)
      leaks.push(`${secret.kind} in ${name}: ${show(secret, text, found)}`);
  }
  return leaks;
}

/** As it is, and as it stands in an address. */
function formsOf(value: string): string[] {
  return [...new Set([value, encodeURIComponent(value), encodeURI(value)])];
}

function show(secret: Secret, text: string, found: Secret[]): string {
  const forms = formsOf(secret.value);
  const line = text.split("\n").find((one) => forms.some((form) => one.includes(form))) ?? "";
  let masked = line;
  for (const { kind, value } of found) {
    for (const form of formsOf(value)) masked = masked.replaceAll(form, `[${kind}]`);
  }
  return masked.slice(0, shownMax);
}
