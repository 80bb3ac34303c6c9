/** The whole way of a post, and nothing secret in any answer or log line. */
import { expect, it } from "vitest";
import { type Answer, expectProblem } from "../browser.ts";
import { connected, login, openId, startLogin, statusOf, uploaded } from "../creator.ts";
import { createHarness } from "../harness.ts";

/** The body, and those headers in which nothing secret belongs. */
function visibleText({ text, headers }: Answer): string {
  const shown = [...headers].filter(([name]) => name !== "set-cookie" && name !== "location");
  return JSON.stringify([text, shown]);
}

it("answers and logs no token, code, upload URL, cookie or seal from login to post", async () => {
  const harness = createHarness({ usesPkce: true });
  const secrets = new Set(["act.", "rft.", "upload.invalid", "code--000", "sealed", "publish_id"]);
  const browser = await connected(harness);
  const remember = () => {
    for (const value of browser.cookies.values()) secrets.add(value);
  };
  remember();
  secrets.add(await startLogin(browser));
  remember();
  await login(browser, { account: "-000second", query: "?add=1" });
  remember();
  const account = { accountId: openId };
  await browser.post("/api/tiktok/creator-info", account);
  await browser.post("/api/auth/tiktok/refresh", account);
  await browser.get("/api/me");
  const { id } = await uploaded(harness, browser);
  await harness.deliverRelays();
  const [task] = harness.tiktok.tasks;
  if (task) harness.tiktok.finish(task, { stage: "published", postIds: ["1"] });
  await statusOf(browser, id);
  await harness.deliverChecks();
  expect((await statusOf(browser, id)).status).toBe("published");
  await browser.get("/api/publications");
  // And a little of what goes wrong.
  expectProblem(await browser.get("/api/tiktok/upload-init"), 404, "not_found");
  harness.deps.tiktok.creatorInfo = (token) =>
    Promise.reject(new TypeError(`bug near ${token.length}`));
  expectProblem(await browser.post("/api/tiktok/creator-info", account), 500, "internal");
  await browser.call("DELETE", `/api/accounts/${openId}`);
  await browser.post("/api/auth/logout", {});

  for (const { data } of harness.deps.table.rows()) {
    const text = JSON.stringify(data);
    for (const [, sealed] of text.matchAll(/"sealed\w+":"([^"]{20,})"/g)) secrets.add(sealed ?? "");
  }
  const shown = harness.answers.map(visibleText);
  const logged = harness.deps.log.lines.map((line) => JSON.stringify(line));
  expect(secrets.size).toBeGreaterThan(9);
  expect(shown.length).toBeGreaterThan(15);
  expect(logged.length).toBeGreaterThan(3);
  for (const secret of secrets) {
    expect(shown.filter((text) => text.includes(secret))).toEqual([]);
    expect(logged.filter((line) => line.includes(secret))).toEqual([]);
  }
  // Signed part URLs are the creator's to have, and nobody else's to read.
  expect(logged.filter((line) => line.includes("storage.invalid"))).toEqual([]);
});
