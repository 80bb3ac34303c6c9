/** What breaks on our side: told to nobody, blamed on nobody, and logged by name. */
import { expect, it } from "vitest";
import { expectProblem } from "../browser.ts";
import { beginUpload, connected, onePart } from "../creator.ts";
import { createHarness } from "../harness.ts";

it("answers 500 without details when the table fails, and logs what happened", async () => {
  const harness = createHarness();
  const browser = await connected(harness);
  harness.deps.table.get = () => Promise.reject(new Error("ProvisionedThroughputExceeded"));
  const answer = await browser.get("/api/me");
  const { detail } = expectProblem(answer, 500, "internal");
  expect(detail).toBe("Something went wrong on our side.");
  expect(answer.text).not.toContain("Throughput");
  expect(harness.deps.log.lines.at(-2)).toMatchObject({
    event: "request.failed",
    route: "/api/me",
    code: "Error",
    reason: "ProvisionedThroughputExceeded",
  });
});

it("does not blame the caller for a row that we cannot read", async () => {
  const harness = createHarness();
  const browser = await connected(harness);
  const { publication } = await beginUpload(browser, onePart);
  const row = harness.deps.table.rows().find(({ sk }) => sk.endsWith(publication.id));
  if (row === undefined) throw new Error("the publication has a row");
  const damaged = { ...row, version: row.version + 1, data: { status: "unheard of" } };
  await harness.deps.table.put(damaged, row.version);
  const body = { publicationId: publication.id };
  expectProblem(await browser.post("/api/tiktok/upload-status", body), 500, "internal");
});

it("reads the session once for each request", async () => {
  const harness = createHarness();
  const browser = await connected(harness);
  const { publication } = await beginUpload(browser, onePart);
  const { get } = harness.deps.table;
  let sessionReads = 0;
  harness.deps.table.get = (key) => {
    if (key.pk.startsWith("SESSION#")) sessionReads += 1;
    return get(key);
  };
  await browser.post("/api/tiktok/upload-status", { publicationId: publication.id });
  expect(sessionReads).toBe(1);
});

it("says in its health what cannot be reached", async () => {
  const harness = createHarness();
  const browser = harness.browser();
  const good = await browser.get("/api/health");
  expect([good.status, good.json]).toEqual([
    200,
    {
      isHealthy: true,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      stage: "test",
      table: "ok",
      storage: "ok",
    },
  ]);

  harness.deps.storage.head = () => Promise.reject(new Error("no bucket"));
  const bad = await browser.get("/api/health");
  expect(bad.status).toBe(503);
  expect(bad.json).toMatchObject({ isHealthy: false, table: "ok", storage: "unreachable" });
  expect(bad.text).not.toContain("no bucket");
});
