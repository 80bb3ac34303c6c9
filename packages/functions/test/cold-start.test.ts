/**
 * A cold start with links that are not as they must be. Each runs in a process of its own, since SST reads the
 * environment once for each.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { clientSecret, type LinkName, linkVariables } from "./links.ts";

const run = promisify(execFile);
const source = fileURLToPath(new URL("../src/", import.meta.url));
/** Generous: a start takes half a second, and a busy machine must not fail the test. */
const startTimeoutMs = 60_000;

type Changes = Partial<Record<LinkName, string | undefined>>;

/** Answers what the start of an entry wrote to its output before it failed, or null when it did not fail. */
async function failureOf(entry: string, changes: Changes): Promise<string | null> {
  const code = `import(${JSON.stringify(`${source}${entry}.ts`)}).then(() => process.exit(0))`;
  const env = { PATH: process.env.PATH, ...linkVariables(changes) };
  try {
    await run(process.execPath, ["--no-warnings", "-e", code], { env, timeout: startTimeoutMs });
    return null;
  } catch (error) {
    return error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
  }
}

describe("a cold start", { timeout: startTimeoutMs }, () => {
  const broken: { name: string; entry: string; changes: Changes; says: string }[] = [
    {
      name: "names the link that is missing",
      entry: "api",
      changes: { SealKey: undefined },
      says: "the link SealKey is missing",
    },
    {
      name: "names a missing secret",
      entry: "webhook",
      changes: { TikTokClientSecret: undefined },
      says: "the link TikTokClientSecret is missing",
    },
    {
      name: "names the field that is wrong, and not its value",
      entry: "relay",
      changes: { TikTokClientSecret: JSON.stringify({ value: { text: clientSecret } }) },
      says: "the link TikTokClientSecret is wrong: value",
    },
    {
      name: "refuses a secret that was never set",
      entry: "check",
      changes: { TikTokClientSecret: JSON.stringify({ value: "" }) },
      says: "the link TikTokClientSecret is wrong: value",
    },
    {
      name: "does not quote a link that is not JSON",
      entry: "webhook",
      changes: { TikTokClientSecret: `${clientSecret} and no JSON` },
      says: "the links cannot be read",
    },
  ];
  it.each(broken)("$name", async ({ entry, changes, says }) => {
    const failure = await failureOf(entry, changes);
    expect(failure).toContain(says);
    expect(failure).not.toContain(clientSecret);
    expect(failure).not.toContain(clientSecret.slice(0, 8));
  });

  // A link that a function can do without is a right that it need not have.
  const unlinked: Record<string, LinkName[]> = {
    webhook: ["Bucket", "RelayQueue", "SealKey", "TikTok", "Site", "Settings"],
    relay: ["Site", "Settings"],
    check: ["Site", "Settings"],
    poller: ["Site", "Settings"],
    dead: [
      "RelayQueue",
      "CheckQueue",
      "SealKey",
      "TikTokClientKey",
      "TikTokClientSecret",
      "TikTok",
      "Site",
      "Settings",
    ],
  };
  it.each(Object.entries(unlinked))("of %s needs no more than its links", async (entry, names) => {
    const changes = Object.fromEntries(names.map((name) => [name, undefined]));
    expect(await failureOf(entry, changes)).toBeNull();
  });
});
