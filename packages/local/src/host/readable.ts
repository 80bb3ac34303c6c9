/**
 * A function's line for a reader at a terminal: JSON of ours as an event and its fields, with what it measured at the end;
 * anything else as it is. Log files keep the lines whole.
 */
import { stripVTControlCharacters } from "node:util";
import { z } from "zod";

/** Of an embedded metric: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
const emfSchema = z.object({
  CloudWatchMetrics: z.array(
    z.object({
      Dimensions: z.array(z.array(z.string())),
      Metrics: z.array(z.object({ Name: z.string(), Unit: z.string().optional() })),
    }),
  ),
});

const lineSchema = z.looseObject({ event: z.string(), _aws: emfSchema.optional() });
type Line = z.infer<typeof lineSchema>;

/** The same in every line, or told by where and when the line stands. */
const sharedNames = new Set(["event", "level", "timestamp", "service", "requestId", "_aws"]);
const eventWidth = 14;

export function toReadable(line: string): string {
  const parsed = parse(line);
  if (parsed === null) return line;
  const { measures, names } = measuresOf(parsed);
  const fields = Object.entries(parsed)
    .filter(([name, value]) => !sharedNames.has(name) && !names.has(name) && value !== null)
    .filter(([name]) => name !== "stack")
    .map(([name, value]) => describe(name, value));
  const { level, stack } = parsed;
  const trouble = level === "ERROR" || level === "WARN" ? "! " : "";
  const words = [`${trouble}${parsed.event}`.padEnd(eventWidth), ...fields, ...measures].join("  ");
  const below =
    typeof stack === "string" ? stack.split("\n").map((frame) => `\n      ${frame}`) : [];
  // Only we may colour a terminal.
  return stripVTControlCharacters(`${words.trimEnd()}${below.join("")}`);
}

/** Null for what a runtime, a library or a crash prints. */
function parse(line: string): Line | null {
  if (!line.startsWith("{")) return null;
  try {
    return lineSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

/** `names` are the fields that are said here, or are dimensions of what is. */
function measuresOf(line: Line): { measures: string[]; names: Set<string> } {
  const metrics = line._aws?.CloudWatchMetrics ?? [];
  const measured = metrics.flatMap(({ Metrics }) => Metrics);
  const dimensions = metrics.flatMap(({ Dimensions }) => Dimensions.flat());
  return {
    measures: measured.map(({ Name, Unit }) => `▸ ${Name} ${withUnit(line[Name], Unit)}`),
    names: new Set([...measured.map(({ Name }) => Name), ...dimensions]),
  };
}

function describe(name: string, value: unknown): string {
  if (name.endsWith("Ms")) return `${name.slice(0, -2)}=${withUnit(value, "Milliseconds")}`;
  if (name === "bytes" || name.endsWith("Bytes")) return `${name}=${withUnit(value, "Bytes")}`;
  return `${name}=${typeof value === "object" ? JSON.stringify(value) : String(value)}`;
}

function withUnit(value: unknown, unit: string | undefined): string {
  if (typeof value !== "number") return String(value);
  if (unit === "Milliseconds")
    return value < 1_000 ? `${value} ms` : `${(value / 1_000).toFixed(1)} s`;
  if (unit !== "Bytes") return String(value);
  return value < 1_000_000
    ? `${Math.ceil(value / 1_000)} kB`
    : `${(value / 1_000_000).toFixed(1)} MB`;
}
