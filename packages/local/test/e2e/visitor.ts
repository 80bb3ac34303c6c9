/**
 * A visitor with a browser profile of its own, watched: errors on the console, uncaught exceptions and requests to
 * anywhere but this machine are written down while the page runs, and `expectClean` reads them.
 */
import type { BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";
import { patienceMs, type Stage } from "./stage.ts";

export type Visitor = { context: BrowserContext; page: Page; expectClean(): void };

export const testTimeoutMs = 120_000;
/** For what a page does once it has drawn, such as moving the focus. */
export const patience = { timeout: patienceMs };
/** Installing a browser takes as long as the line does. */
export const stageTimeoutMs = 900_000;

export async function newVisitor(
  stage: Stage,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const viewport = { width: 1280, height: 900 };
  const context = await stage.browser.newContext({ viewport, ...options });
  context.setDefaultTimeout(patienceMs);
  onTestFinished(() => context.close());
  const problems: string[] = [];
  context.on("console", (message) => {
    if (message.type() === "error") problems.push(`${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => problems.push(String(error.error())));
  context.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    const isHere = ["localhost", "127.0.0.1"].includes(hostname);
    const isOwn = ["blob:", "data:"].includes(protocol);
    if (!isHere && !isOwn) problems.push(`a request to ${hostname}`);
  });
  const page = await context.newPage();
  return { context, page, expectClean: () => expect(problems).toEqual([]) };
}
