/** Numbers as people read them. */
import { expect, it } from "vitest";
import {
  formatBytes,
  formatClock,
  formatLimit,
  formatPercent,
  formatWait,
} from "../src/model/format.ts";

it.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1000, "1 kB"],
  [43_579_358, "43.6 MB"],
  [999_960, "1.0 MB"],
  [812_345_678, "812 MB"],
  [3_900_000_000, "3.9 GB"],
])("%i bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it.each([
  [4 * 1024 ** 3, "4 GiB"],
  [4_000_000_000, "4.0 GB"],
  [0, "0 bytes"],
])("a limit of %i is %s", (bytes, text) => {
  expect(formatLimit(bytes)).toBe(text);
});

it.each([
  [0, "0:00"],
  [7_400, "0:07"],
  [7_900, "0:07"],
  [723_000, "12:03"],
  [3_723_000, "1:02:03"],
])("%i ms on a player are %s", (durationMs, text) => {
  expect(formatClock(durationMs)).toBe(text);
});

it.each([
  [1, "a few seconds"],
  [12, "15 s"],
  [54, "55 s"],
  [55, "1 min"],
  [61, "2 min"],
  [3_540, "59 min"],
  [3_541, "1 h"],
  [5_400, "1 h 30 min"],
])("%i seconds take %s", (seconds, text) => {
  expect(formatWait(seconds)).toBe(text);
});

it.each([
  [0, 0, 0],
  [999, 1000, 99],
  [1000, 1000, 100],
  [1001, 1000, 100],
])("%i of %i is %i %%", (part, whole, percent) => {
  expect(formatPercent(part, whole)).toBe(percent);
});
