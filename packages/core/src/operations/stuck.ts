/**
 * What is stuck: publications that are overdue, that no relay takes, that get nowhere. Read from the `due` index alone, so
 * that looking costs what is under way and not what exists.
 */
import { dueShards, isSettled, loadByKey, type Publication } from "../publications/index.ts";
import type { Clock } from "../system/index.ts";
import type { Key, TableDeps } from "../table/index.ts";
import { type Story, storyOf } from "./story.ts";

/**
 * A push that helps nothing is repeated after a quarter of an hour at the latest (poller, slow checks), so whatever is stuck
 * is due within this.
 */
const horizonMs = 16 * 60_000;
/** Keys read from one shard: with eight shards, more than anybody reads through. */
const keysPerShard = 250;
const readsAtOnce = 16;

export interface StuckReport {
  /** The longest first. */
  stuck: Story[];
  /** Publications that were looked at. */
  looked: number;
  /** By status, healthy ones included; settled ones only have their storage to be emptied. */
  countByStatus: Partial<Record<Publication["status"], number>>;
  /** There was more than one look takes: what is due first was looked at. */
  isCut: boolean;
}

export async function findStuck(deps: TableDeps & { clock: Clock }): Promise<StuckReport> {
  const nowMs = deps.clock.nowMs();
  const pages = await Promise.all(
    dueShards.map((shard) =>
      deps.table.due({ shard, untilMs: nowMs + horizonMs, limit: keysPerShard }),
    ),
  );
  const report: StuckReport = {
    stuck: [],
    looked: 0,
    countByStatus: {},
    isCut: pages.some((page) => page.length === keysPerShard),
  };
  const keys = pages.flat();
  for (let first = 0; first < keys.length; first += readsAtOnce) {
    const batch = keys.slice(first, first + readsAtOnce);
    for (const publication of await readAll(deps, batch)) count(report, publication, nowMs);
  }
  report.stuck.sort((one, other) => (one.trouble?.sinceMs ?? 0) - (other.trouble?.sinceMs ?? 0));
  return report;
}

async function readAll(deps: TableDeps, keys: Key[]): Promise<Publication[]> {
  const found = await Promise.all(keys.map((key) => loadByKey(deps, key)));
  return found.flatMap((stored) => (stored === null ? [] : [stored.value]));
}

function count(report: StuckReport, publication: Publication, nowMs: number): void {
  const { status, dueAtMs } = publication;
  // The index lags behind the table: this one has nothing left to do by now.
  if (isSettled(status) && dueAtMs === null) return;
  report.looked += 1;
  report.countByStatus[status] = (report.countByStatus[status] ?? 0) + 1;
  const story = storyOf(publication, nowMs);
  if (story.trouble !== null) report.stuck.push(story);
}
