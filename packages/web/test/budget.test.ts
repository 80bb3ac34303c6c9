/** The first load is what a phone waits for: all script that is fetched before anything can be seen. */
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { expect, it, onTestFinished, vi } from "vitest";

const gzippedBytesMax = 90_000;
const root = fileURLToPath(new URL("..", import.meta.url));

it("is at most 90 kB of script, gzipped, and has nothing inline", async () => {
  // Under a test's own NODE_ENV Vite would bundle the React of developers.
  vi.stubEnv("NODE_ENV", "production");
  onTestFinished(() => void vi.unstubAllEnvs());
  const built = await build({ root, logLevel: "silent", build: { write: false } });
  const { output } = built as Rolldown.RolldownOutput;
  const chunks = new Map(
    output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file] as const] : [])),
  );
  const first = new Set<string>();
  const visit = (name: string) => {
    if (first.has(name)) return;
    first.add(name);
    for (const imported of chunks.get(name)?.imports ?? []) visit(imported);
  };
  for (const [name, { isEntry }] of chunks) if (isEntry) visit(name);

  const sizes = [...first].map((name) => gzipSync(chunks.get(name)?.code ?? "").byteLength);
  expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(gzippedBytesMax);
  expect(chunks.size).toBeGreaterThan(first.size);

  const page = output.find(({ fileName }) => fileName === "index.html");
  const html = page?.type === "asset" ? String(page.source) : "";
  expect(html).toContain("<script");
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/i);
}, 60_000);
