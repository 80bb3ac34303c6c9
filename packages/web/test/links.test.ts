/** Terms and privacy policy: in the script of the first load, since whoever is not signed in must find them too. */
import { fileURLToPath } from "node:url";
import { build, type Rolldown } from "vite";
import { expect, it, onTestFinished, vi } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

it("are built into the page from what infra/web.ts sets", { timeout: 60_000 }, async () => {
  vi.stubEnv("NODE_ENV", "production");
  vi.stubEnv("VITE_TERMS_URL", "https://example.com/terms");
  vi.stubEnv("VITE_PRIVACY_URL", "https://example.com/privacy");
  onTestFinished(() => void vi.unstubAllEnvs());
  const built = await build({ root, logLevel: "silent", build: { write: false } });
  const { output } = built as Rolldown.RolldownOutput;
  const first = output.find((file) => file.type === "chunk" && file.isEntry);
  const code = first?.type === "chunk" ? first.code : "";
  expect(code).toContain("https://example.com/terms");
  expect(code).toContain("https://example.com/privacy");
});
