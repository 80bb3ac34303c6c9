/** Metrics as CloudWatch tells them apart: namespace, name and names of dimensions, in one comparable text. */
import type { System } from "@clipcast/infra/plan";
import { z } from "zod";

const emf = z.object({
  _aws: z.object({
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
});

/** The dimensions that the plan gives a value other than a reference. */
interface Looked {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
}

const widget = z.object({
  properties: z.looseObject({
    metrics: z.array(z.array(z.union([z.string(), z.looseObject({})]))).default([]),
  }),
});
const bodySchema = z.object({ widgets: z.array(widget) });

export function metricsLookedAt(system: System, namespace: string): Set<string> {
  const alarmed = system.alarms.map(({ metric }) => metric);
  const charted = system.dashboards.flatMap(({ body }) =>
    bodySchema.parse(body).widgets.flatMap(({ properties }) => properties.metrics.map(toLooked)),
  );
  return new Set(
    [...alarmed, ...charted].filter((metric) => metric.namespace === namespace).map(nameMetric),
  );
}

/** `[namespace, name, dimension, value, …, options]`, as CloudWatch writes a line of a chart. */
function toLooked(line: unknown[]): Looked {
  const [namespace = "", name = "", ...pairs] = line.filter((word) => typeof word === "string");
  const dimensions: Record<string, string> = {};
  for (let n = 0; n < pairs.length; n += 2) dimensions[pairs[n] ?? ""] = pairs[n + 1] ?? "";
  return { namespace, name, dimensions };
}

export function metricsReported(lines: string[]): Set<string> {
  const found = new Set<string>();
  for (const line of lines.filter((text) => text.includes('"_aws"'))) {
    const fields = z.record(z.string(), z.unknown()).parse(JSON.parse(line));
    for (const metric of emf.parse(fields)._aws.CloudWatchMetrics) {
      const names = metric.Dimensions.flat();
      const dimensions = Object.fromEntries(names.map((name) => [name, String(fields[name])]));
      for (const { Name } of metric.Metrics) {
        if (typeof fields[Name] !== "number") throw new Error(`${Name} has no value`);
        found.add(nameMetric({ namespace: metric.Namespace, name: Name, dimensions }));
      }
    }
  }
  return found;
}

function nameMetric({ namespace, name, dimensions }: Looked): string {
  // The stage is where it runs, so its value differs and its presence must not.
  const words = Object.entries(dimensions).map(([key, value]) =>
    key === "stage" ? key : `${key}=${value}`,
  );
  return `${namespace} ${name} ${words.sort().join(" ")}`;
}
