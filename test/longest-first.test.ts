/** The list of long suites is of suites that there are, and they start first, in its order. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { longest, longestFirst } from "./longest-first.ts";

it("names suites that there are, each once", () => {
  const root = fileURLToPath(new URL("..", import.meta.url));
  expect(longest.filter((file) => !existsSync(`${root}${file}`))).toEqual([]);
  expect(new Set(longest).size).toBe(longest.length);
});

it("starts them first, and leaves the others in their order", () => {
  const [first, second] = longest.map((file) => `/home/${file}`);
  const suites = ["/home/test/b.test.ts", second ?? "", "/home/test/a.test.ts", first ?? ""];
  expect(longestFirst(suites, (path) => path)).toEqual([first, second, suites[0], suites[2]]);
});
