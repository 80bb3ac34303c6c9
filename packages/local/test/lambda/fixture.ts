/**
 * Tiny functions written to a temporary folder and run by the real emulator.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FunctionSpec } from "@clipcast/infra/plan";
import { onTestFinished } from "vitest";
import { type Functions, startFunctions } from "../../src/lambda/functions.ts";
import type { SetTimer } from "../../src/lambda/timer.ts";

export function makeTempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "clipcast-local-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export function functionSpec(name: string, overrides: Partial<FunctionSpec> = {}): FunctionSpec {
  return {
    name,
    handler: `${name}.handler`,
    timeoutSeconds: 20,
    memoryMb: 1024,
    architecture: "arm64",
    runtime: "nodejs24.x",
    reservedConcurrency: null,
    environment: {},
    links: [],
    permissions: [],
    logRetentionDays: 30,
    ...overrides,
  };
}

type Fixture = {
  functions: Functions;
  dir: string;
  lines: string[];
  /** Invokes with a JSON event and reads the JSON answer. */
  call(name: string, event?: unknown): Promise<{ error: string | null; value: unknown }>;
};

/** One function per entry: its name, its source, and what differs from the usual settings. */
export async function startFixture(
  sources: Record<string, string | { source: string; spec: Partial<FunctionSpec> }>,
  options: { setTimer?: SetTimer; variables?: Record<string, string> } = {},
): Promise<Fixture> {
  const dir = makeTempDir();
  const lines: string[] = [];
  const specs = Object.entries(sources).map(([name, entry]) => {
    writeFileSync(join(dir, `${name}.ts`), typeof entry === "string" ? entry : entry.source);
    return functionSpec(name, typeof entry === "string" ? {} : entry.spec);
  });
  const functions = await startFunctions({
    functions: specs,
    root: dir,
    bundlesDir: join(dir, "bundles"),
    region: "us-east-1",
    variablesFor: () => options.variables ?? {},
    onLine: (name, line) => lines.push(`${name} ${line}`),
    ...(options.setTimer === undefined ? {} : { setTimer: options.setTimer }),
  });
  onTestFinished(() => functions.close());
  return {
    functions,
    dir,
    lines,
    async call(name, event = {}) {
      const result = await functions.invoke(name, Buffer.from(JSON.stringify(event)));
      return { error: result.functionError, value: JSON.parse(result.payload.toString()) };
    },
  };
}
