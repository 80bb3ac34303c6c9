/** A publication's story in lines. */
import type { Story } from "@clipcast/core/operations";
import { fields, harmless } from "./layout.ts";
import type { Screen, Style } from "./screen.ts";
import { counted, duration, relative, size, timestamp } from "./time.ts";

interface View {
  stage: string;
  nowMs: number;
  paint: Screen["paint"];
}

export function storyLines(story: Story, view: View): string[] {
  const { nowMs, paint } = view;
  const title = `${paint("bold", `Publication ${story.id}`)} ${paint("dim", `(${view.stage})`)}`;
  return [
    title,
    "",
    ...fields(factsOf(story, nowMs)).map((line) => `  ${paintStatus(line, story, paint)}`),
    "",
    ...historyLines(story, nowMs).map((line) => `  ${line}`),
  ];
}

export function styleOf(status: Story["status"]): Style {
  if (status === "published" || status === "in_inbox") return "green";
  return status === "failed" ? "red" : "yellow";
}

function paintStatus(line: string, { status, trouble }: Story, paint: Screen["paint"]): string {
  if (line.startsWith("status")) return line.replace(status, paint(styleOf(status), status));
  return trouble !== null && line.startsWith("trouble") ? paint("red", line) : line;
}

function factsOf(story: Story, nowMs: number): [string, string | null][] {
  const { file, task, lease, waiting, failure, next, trouble, postIds } = story;
  const since = story.history.at(-1)?.atMs ?? story.createdAtMs;
  const attempt = story.attempt === 1 ? "" : `, attempt ${story.attempt}`;
  const at = (atMs: number) => relative(atMs, nowMs);
  return [
    ["status", `${story.status} for ${duration(nowMs - since)}${attempt}`],
    ["trouble", trouble && `${trouble.what}, for ${duration(nowMs - trouble.sinceMs)}`],
    [
      "failure",
      failure && `${failure.code}${failure.isRetryable ? " (retryable)" : ""}: ${failure.message}`,
    ],
    ["next", next && `${next.atMs === null ? "" : `${at(next.atMs)}: `}${next.what}`],
    ["video", `${file.name}, ${size(file.bytes)}, ${file.isStored ? "stored" : "not in storage"}`],
    ["user", story.userId],
    ["account", story.openId],
    [
      "at TikTok",
      task &&
        `${size(task.confirmedBytes)} of ${size(file.bytes)} confirmed, ${counted(task.chunks, "chunk")}`,
    ],
    ["task", task && `${task.publishId}, created ${at(task.issuedAtMs)}`],
    ["post", postIds.length === 0 ? null : postIds.join(", ")],
    [
      "lease",
      lease && `${lease.owner}, ${lease.isLive ? "ends" : "ended"} ${at(lease.expiresAtMs)}`,
    ],
    ["waiting", waiting && `${waiting.reason}, until ${at(waiting.untilMs)}`],
    [
      "cancel",
      story.cancelRequestedAtMs === null ? null : `asked for ${at(story.cancelRequestedAtMs)}`,
    ],
    ["relays", `${story.fence} in all, ${story.fruitlessRuns} since bytes were last confirmed`],
    ["nudges", story.nudges === 0 ? null : `${story.nudges} since a relay last began`],
    ["checks", story.checks === 0 ? null : `${story.checks} in this state`],
  ];
}

/** States, failed attempts and dead tasks in the order of their time. */
function historyLines(story: Story, nowMs: number): string[] {
  const events = [
    ...story.history.map(({ atMs, status }) => ({ atMs, what: status as string })),
    ...story.pastFailures.map(({ atMs, code }) => ({ atMs, what: `tried again after ${code}` })),
    ...story.deadTasks.map(({ atMs, why, publishId }) => ({
      atMs,
      what: `gave up task ${publishId}: ${why}`,
    })),
  ].sort((one, other) => one.atMs - other.atMs);
  return events.map(
    ({ atMs, what }) =>
      `${timestamp(atMs)}  ${relative(atMs, nowMs).padStart(10)}  ${harmless(what)}`,
  );
}
