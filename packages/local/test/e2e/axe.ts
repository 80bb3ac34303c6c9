/**
 * Runs axe in the page, in light and in dark, and answers what it found: rule, element and colour scheme.
 *
 * The source goes in through the debugger, which the page's own policy does not bind.
 */
import axe from "axe-core";
import type { Page } from "playwright-core";

/** WCAG 2.2 at AA, and what axe's authors have found to be good practice. */
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const schemes = ["light", "dark"] as const;

export async function findBarriers(page: Page): Promise<string[]> {
  const found: string[] = [];
  // Without movement there are no colours on their way from one scheme to the other.
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.evaluate(axe.source);
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await page.evaluate(async (values) => {
      const { axe } = window as unknown as { axe: typeof import("axe-core") };
      return axe.run(document, { runOnly: { type: "tag", values } });
    }, tags);
    for (const { id, nodes } of violations) {
      for (const { html, failureSummary } of nodes) {
        found.push(`${colorScheme}: ${id}: ${html.slice(0, 160)}: ${failureSummary}`);
      }
    }
  }
  return found;
}
