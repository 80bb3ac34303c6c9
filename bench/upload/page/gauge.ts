/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * What a page measures of itself: the time from the first call to a complete object, and the tasks that kept its main
 * thread for longer than 50 ms. The benchmark calls `window.run` once the file is chosen.
 */

export interface PageFigures {
  seconds: number;
  longTasks: number;
  longestTaskMs: number;
}

declare global {
  interface Window {
    run(): Promise<PageFigures>;
  }
}

export function measured(upload: (file: File) => Promise<void>): void {
  measuredAfter(async (file) => () => upload(file));
}

/** What is prepared beforehand takes no time. */
export function measuredAfter(prepare: (file: File) => Promise<() => Promise<void>>): void {
  window.run = async () => {
    const file = document.querySelector("input")?.files?.[0];
    if (file === undefined) throw new Error("no file was chosen");
    const upload = await prepare(file);
    const tasks: number[] = [];
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    });
    observer.observe({ type: "longtask" });
    const startedMs = performance.now();
    await upload();
    const seconds = (performance.now() - startedMs) / 1000;
    observer.disconnect();
    return { seconds, longTasks: tasks.length, longestTaskMs: Math.max(0, ...tasks) };
  };
}
