/** What creators agree to: a changed text needs a new version, since the version is what is recorded. */
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { consentTextVersion, links } from "../src/strings/post.ts";
import { strings } from "../src/strings.ts";

/** The first twelve digits of a SHA-256 over the texts, by version. Add a line for each version; change none. */
const digestByVersion: Record<string, string> = {
  "2026-01": "4aabcf68853b",
};

it("has the texts of its version", () => {
  const texts = JSON.stringify([strings.post.consent, strings.declaration, links]);
  const digest = createHash("sha256").update(texts).digest("hex").slice(0, 12);
  expect(digestByVersion[consentTextVersion]).toBe(digest);
});
