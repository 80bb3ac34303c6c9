/** One upload in a Chromium of its own: nobody inherits another's connections, caches or memory. */
import { type Browser, type CDPSession, chromium, type Page } from "playwright-core";
import { chromiumFlags, findChromium } from "../../scripts/chromium.ts";
import { peakRssBytes } from "../resources.ts";
import type { PageFigures } from "./page/gauge.ts";

export interface BrowserFigures extends PageFigures {
  cpuSeconds: number | null;
  peakRssBytes: number | null;
  /** The most that the page's JavaScript held. */
  heapBytes: number;
}

const heapEveryMs = 200;

export async function uploadInBrowser(options: {
  url: string;
  path: string;
  timeoutMs: number;
}): Promise<BrowserFigures> {
  const browser = await chromium.launch({ executablePath: findChromium(), args: chromiumFlags });
  const timer = setTimeout(() => void browser.close(), options.timeoutMs);
  try {
    const page = await browser.newPage();
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    await page.goto(options.url);
    await page.setInputFiles("input", options.path);
    await page.waitForFunction(() => "run" in globalThis);
    return await measure(browser, page).catch((cause: unknown) => {
      throw new Error(
        `the upload in the browser failed; its console: ${said.slice(-5).join(" | ")}`,
        {
          cause,
        },
      );
    });
  } finally {
    clearTimeout(timer);
    await browser.close();
  }
}

async function measure(browser: Browser, page: Page): Promise<BrowserFigures> {
  const whole = await browser.newBrowserCDPSession();
  const inPage = await page.context().newCDPSession(page);
  await inPage.send("Performance.enable");
  const before = await processes(whole);
  let heapBytes = 0;
  const looking = setInterval(() => {
    usedHeapBytes(inPage).then(
      (bytes) => {
        heapBytes = Math.max(heapBytes, bytes);
      },
      () => undefined,
    );
  }, heapEveryMs);
  try {
    const figures = await page.evaluate(() => window.run());
    const after = await processes(whole);
    heapBytes = Math.max(heapBytes, await usedHeapBytes(inPage));
    const peaks = after.map(({ id }) => peakRssBytes(id) ?? 0);
    const rssBytes = peaks.reduce((sum, bytes) => sum + bytes, 0);
    return {
      ...figures,
      cpuSeconds: cpuSecondsOf(after) - cpuSecondsOf(before),
      peakRssBytes: rssBytes === 0 ? null : rssBytes,
      heapBytes,
    };
  } finally {
    clearInterval(looking);
  }
}

/** All of the browser's processes: its network has one of its own. */
async function processes(session: CDPSession) {
  return (await session.send("SystemInfo.getProcessInfo")).processInfo;
}

function cpuSecondsOf(all: { cpuTime: number }[]): number {
  return all.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

async function usedHeapBytes(session: CDPSession): Promise<number> {
  const { metrics } = await session.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "JSHeapUsedSize")?.value ?? 0;
}
