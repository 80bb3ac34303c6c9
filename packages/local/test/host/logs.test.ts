import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createLogs } from "../../src/host/logs.ts";
import { makeTempDir } from "../lambda/fixture.ts";

const nowMs = () => Date.UTC(2026, 0, 1);

it("writes each function's lines to its own file and to whoever listens", () => {
  const dir = makeTempDir();
  const logs = createLogs({ dir, nowMs });
  const heard: string[] = [];
  const stop = logs.subscribe(({ functionName, line }) => heard.push(`${functionName}: ${line}`));
  logs.write("Api", "one");
  logs.write("Relay", "two");
  stop();
  logs.write("Api", "three");
  expect(heard).toEqual(["Api: one", "Relay: two"]);
  expect(readFileSync(join(dir, "Api.log"), "utf8")).toBe(
    "2026-01-01T00:00:00.000Z one\n2026-01-01T00:00:00.000Z three\n",
  );
});

it("keeps at most one full file besides the present one, also after a restart", () => {
  const dir = makeTempDir();
  const lineBytes = "2026-01-01T00:00:00.000Z 0\n".length;
  for (const digit of "01234") {
    createLogs({ dir, nowMs, fileBytesMax: 2 * lineBytes }).write("Api", digit);
  }
  const read = (name: string) => readFileSync(join(dir, name), "utf8").match(/\d$/gm);
  expect(read("Api.log.1")).toEqual(["2", "3"]);
  expect(read("Api.log")).toEqual(["4"]);
});
