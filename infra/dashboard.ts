/**
 * The one dashboard: what an operator looks at first. Top to bottom: what is wrong, what creators get, the way of a
 * video, the API.
 */
import { alarms } from "./alarms.ts";
import { api, webhook } from "./api.ts";
import { type Metric, ofFunction, ofGateway, ofQueue, own } from "./metrics.ts";
import { check, poller } from "./poller.ts";
import { relayDeadQueue, relayQueue } from "./queue.ts";
import { relay, relayDead } from "./relay.ts";

const { region } = aws.getRegionOutput({});

const functions = { api, webhook, relay, relayDead, poller, check };

/** The grid is 24 wide: three charts in a row. */
const width = 8;
const height = 6;

const rows = [
  [
    chart("Publications", "Sum", {
      published: own("PublicationPublished"),
      failed: own("PublicationFailed"),
    }),
    chart("Time from upload to published", "p50 p95", { "": own("TimeToPublished") }),
    chart("Tokens that could not be renewed", "Sum", { failed: own("TokenRefreshFailed") }),
  ],
  [
    chart("Bytes relayed", "Sum", { bytes: own("BytesRelayed") }),
    chart("Time of a chunk", "p50 p95", { "": own("ChunkLatency") }),
    chart("Chunks sent again", "Sum", { retries: own("RelayRetries") }),
  ],
  [
    chart("Videos in the queue", "Maximum", {
      waiting: ofQueue(relayQueue, "ApproximateNumberOfMessagesVisible"),
      "at work": ofQueue(relayQueue, "ApproximateNumberOfMessagesNotVisible"),
      delayed: ofQueue(relayQueue, "ApproximateNumberOfMessagesDelayed"),
    }),
    chart("Age of the oldest message (s)", "Maximum", {
      relay: ofQueue(relayQueue, "ApproximateAgeOfOldestMessage"),
      dead: ofQueue(relayDeadQueue, "ApproximateAgeOfOldestMessage"),
    }),
    chart("Videos given up", "Sum", {
      "dead letters": ofQueue(relayDeadQueue, "NumberOfMessagesReceived"),
    }),
  ],
  [
    chart("Errors of functions", "Sum", eachFunction("Errors")),
    chart("Functions at work", "Maximum", eachFunction("ConcurrentExecutions")),
    chart("Throttled", "Sum", eachFunction("Throttles")),
  ],
  [
    chart("Requests", "Sum", { all: ofGateway("Count") }),
    chart("Refused and failed", "Sum", { "4xx": ofGateway("4xx"), "5xx": ofGateway("5xx") }),
    chart("Time of an answer (ms)", "p50 p95", { "": ofGateway("Latency") }),
  ],
];

const alarmsWidget = {
  type: "alarm",
  x: 0,
  y: 0,
  width: 3 * width,
  height: 3,
  properties: { title: "Alarms", alarms: alarms.map((alarm) => alarm.arn) },
};

export const dashboard = new aws.cloudwatch.Dashboard("Dashboard", {
  dashboardName: `${$app.name}-${$app.stage}`,
  dashboardBody: $jsonStringify({
    widgets: [
      alarmsWidget,
      ...rows.flatMap((charts, row) =>
        charts.map((widget, column) => ({
          ...widget,
          x: column * width,
          y: alarmsWidget.height + row * height,
        })),
      ),
    ],
  }),
});

/** A line for each metric and each statistic; the label tells the metric, where there are several. */
function chart(title: string, statistics: string, lines: Record<string, Metric>) {
  const metrics = Object.entries(lines).flatMap(([label, { namespace, metricName, dimensions }]) =>
    statistics
      .split(" ")
      .map((stat) => [
        namespace,
        metricName,
        ...Object.entries(dimensions).flat(),
        { stat, label: label || stat },
      ]),
  );
  return {
    type: "metric",
    width,
    height,
    properties: { title, region, metrics, view: "timeSeries", period: 300 },
  };
}

function eachFunction(metricName: string): Record<string, Metric> {
  return Object.fromEntries(
    Object.entries(functions).map(([name, subject]) => [name, ofFunction(subject, metricName)]),
  );
}
