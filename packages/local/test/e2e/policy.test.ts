/**
 * The page's Content-Security-Policy at work: the whole way from the first visit to a published video breaks no rule of it
 * and asks no third party for anything, and what it forbids is forbidden.
 */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { builtInVideo } from "../../src/demo/video.ts";
import { choose, createForms } from "./form.ts";
import { cardAt, choosePrivacy, connect, type Stage, startStage, submit } from "./stage.ts";
import { newVisitor, stageTimeoutMs, testTimeoutMs } from "./visitor.ts";

vi.setConfig({ testTimeout: testTimeoutMs });

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ isAudited: true });
}, stageTimeoutMs);
afterAll(() => stage?.close());
const { visit } = createForms(() => stage);

/** Every rule that the page breaks from now on, on this site alone: TikTok's own pages have their own. */
async function watchViolations(page: Page): Promise<string[]> {
  const violations: string[] = [];
  await page.exposeFunction("tellViolation", (rule: string) => violations.push(rule));
  await page.addInitScript((origin) => {
    if (location.origin !== origin) return;
    addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
      const told = window as unknown as { tellViolation(rule: string): void };
      told.tellViolation(`${effectiveDirective} ${blockedURI}`);
    });
  }, stage.host.url);
  return violations;
}

it("is kept from the first visit to a published video, with no request to a third party", async () => {
  const { page, expectClean } = await newVisitor(stage);
  const violations = await watchViolations(page);
  const hosts = new Set<string>();
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    const isNavigation = request.isNavigationRequest();
    if (protocol.startsWith("http") && !isNavigation) hosts.add(host);
  });
  await connect(stage, page);
  const own = [stage.host.url, stage.host.s3Url].map((url) => new URL(url).host);
  hosts.clear();
  await page.reload();
  await choose(page, builtInVideo);
  await page.getByLabel("Cover frame").fill("1500");
  await page.getByRole("switch", { name: "Disclose commercial content" }).check();
  await page.getByRole("checkbox", { name: "Branded content" }).check();
  await choosePrivacy(page, "Everyone");
  await submit(page);
  await cardAt(page, "published");
  await page.getByRole("button", { name: /Accounts/ }).click();
  await page.getByRole("button", { name: "Disconnect Demo Creator" }).click();
  await page.getByRole("button", { name: "Keep it" }).click();
  expect([...hosts].sort()).toEqual(own.sort());
  expect(violations).toEqual([]);
  expectClean();
});

it("refuses what is not the page's own: inline script and style, foreign pictures and requests", async () => {
  const { page } = await visit();
  const violations = await watchViolations(page);
  await page.reload();
  await page.getByRole("heading", { name: "Post a video" }).waitFor();
  await page.evaluate(async () => {
    const add = (tag: "style" | "img" | "form", change: (element: HTMLElement) => void) => {
      const element = document.createElement(tag);
      change(element);
      document.body.append(element);
      return element;
    };
    add("style", (style) => {
      style.textContent = "body{opacity:0}";
    });
    add("img", (image) => image.setAttribute("src", "https://p16.tiktokcdn.example/face.jpg"));
    await fetch("https://elsewhere.example/").catch(() => undefined);
    try {
      document.body.insertAdjacentHTML("beforeend", "<b>markup</b>");
    } catch {
      // Refused, as it should be.
    }
  });
  await expect
    .poll(() => new Set(violations.map((violation) => violation.split(" ")[0])))
    .toEqual(new Set(["style-src-elem", "img-src", "connect-src", "require-trusted-types-for"]));
});

it("comes with every answer, the page's and the API's", async () => {
  for (const path of ["/", "/posts/unknown", "/api/me"]) {
    const { headers } = await fetch(stage.host.url + path);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("unsafe");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  }
});
