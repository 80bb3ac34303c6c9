/**
 * Derives what watches the system (topics, alarms, dashboards) and what the public origin adds to its answers.
 */
import type { Resource } from "./plan.ts";
import { select } from "./shapes.ts";
import * as Shapes from "./shapes-watch.ts";
import type { System } from "./system.ts";

type Watch = Pick<System, "domains" | "headers" | "topics" | "alarms" | "dashboards">;

export function deriveWatch(resources: Resource[]): Watch {
  const subscriptions = select(
    resources,
    "aws:sns/topicSubscription:TopicSubscription",
    Shapes.subscription,
  );
  return {
    domains: select(
      resources,
      "aws:cloudfront/distribution:Distribution",
      Shapes.distribution,
    ).flatMap(({ aliases }) => aliases),
    headers: deriveHeaders(resources),
    topics: select(resources, "aws:sns/topic:Topic", Shapes.topic).map((topic) => ({
      ...topic,
      subscribers: subscriptions.filter((subscription) => subscription.topic === topic.name),
    })),
    alarms: select(resources, "aws:cloudwatch/metricAlarm:MetricAlarm", Shapes.alarm),
    dashboards: select(resources, "aws:cloudwatch/dashboard:Dashboard", Shapes.dashboard),
  };
}

/** The one policy of the one distribution. The bucket's address becomes a reference, which every host can fill in. */
function deriveHeaders(resources: Resource[]): Record<string, string> {
  const [policy, ...others] = select(
    resources,
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
    Shapes.headersPolicy,
  );
  if (policy === undefined || others.length > 0)
    throw new Error("The plan expects one set of headers");
  const buckets = resources.filter(
    ({ type, inputs }) => type === "aws:s3/bucket:Bucket" && typeof inputs.bucket === "string",
  );
  const refer = (text: string) =>
    buckets.reduce(
      (result, { name, parent, inputs }) =>
        result.replaceAll(
          `https://${inputs.bucket}.s3.\${AWS.region}.amazonaws.com`,
          () => `\${${parent ?? name}.origin}`,
        ),
      text,
    );
  return Object.fromEntries(
    Object.entries(policy.headers).map(([name, value]) => [name, refer(value)]),
  );
}
