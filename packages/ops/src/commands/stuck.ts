/** `ops stuck`: what is overdue or gets nowhere, why, and how deep the queues are. */
import { findStuck, type QueueDepth, type StuckReport } from "@clipcast/core/operations";
import { table } from "../output/layout.ts";
import { counted, duration, relative } from "../output/time.ts";
import type { System } from "../system.ts";
import type { Command } from "./index.ts";

export const stuck: Command = {
  name: "stuck",
  operands: [],
  flags: [],
  flagTexts: {},
  about: "what is overdue or gets nowhere, and why; the depth of the queues",
  details:
    "Reads what is due now or within a quarter of an hour. A publication that waits longer than that waits for TikTok, not for us.",
  async run({ system, screen }) {
    const [report, depths] = await Promise.all([findStuck(system.deps), depthsOf(system)]);
    const nowMs = system.deps.clock.nowMs();
    screen.json({ stage: system.stage, ...report, queues: depths });
    const count = report.stuck.length;
    const what = count === 0 ? "Nothing is stuck" : `${counted(count, "publication")} stuck`;
    const words = `${what}, of ${report.looked} looked at (${system.stage}).`;
    screen.print(screen.paint(count === 0 ? "green" : "red", words));
    if (report.isCut) screen.print("There were more than one look takes; these were due first.");
    if (count > 0) screen.print("", ...stuckLines(report, nowMs));
    screen.print("", ...depthLines(depths), "", statusLine(report));
    return true;
  },
};

async function depthsOf(system: System): Promise<Record<string, QueueDepth>> {
  const depths = Object.entries(system.gauges).map(
    async ([name, gauge]) => [name, await gauge.depth()] as const,
  );
  return Object.fromEntries(await Promise.all(depths));
}

function stuckLines({ stuck: stories }: StuckReport, nowMs: number): string[] {
  const rows = stories.map(({ id, status, createdAtMs, trouble, next }) => [
    id,
    status,
    duration(nowMs - createdAtMs),
    trouble === null ? "" : `${trouble.what} (${duration(nowMs - trouble.sinceMs)})`,
    next === null
      ? ""
      : `${next.what}${next.atMs === null ? "" : ` ${relative(next.atMs, nowMs)}`}`,
  ]);
  return table(["PUBLICATION", "STATUS", "AGE", "TROUBLE", "NEXT"], rows);
}

function depthLines(depths: Record<string, QueueDepth>): string[] {
  const rows = Object.entries(depths).map(([name, { visible, inFlight, delayed }]) => [
    name,
    String(visible),
    String(inFlight),
    String(delayed),
  ]);
  return table(["QUEUE", "WAITING", "IN FLIGHT", "DELAYED"], rows);
}

function statusLine({ countByStatus }: StuckReport): string {
  const counts = Object.entries(countByStatus).map(([status, count]) => `${count} ${status}`);
  return counts.length === 0 ? "Nothing is due." : `Due soon: ${counts.join(", ")}.`;
}
