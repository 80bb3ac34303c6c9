/**
 * The metrics that alarms and dashboard look at: what AWS measures by itself, and what the functions report through
 * their logs (CloudWatch's embedded metric format).
 */
import { gateway } from "./api.ts";
import { metricsNamespace } from "./lambda.ts";

export interface Metric {
  namespace: string;
  metricName: string;
  dimensions: Record<string, $util.Input<string>>;
}

/** What the functions report, each of them under `service` and `stage`. */
type OwnMetric =
  | "BytesRelayed"
  | "ChunkLatency"
  | "PublicationFailed"
  | "PublicationPublished"
  | "RelayRetries"
  | "TimeToPublished"
  | "TokenRefreshFailed";

export function own(metricName: OwnMetric): Metric {
  return {
    namespace: metricsNamespace,
    metricName,
    dimensions: { service: $app.name, stage: $app.stage },
  };
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html */
export function ofQueue(queue: sst.aws.Queue, metricName: string): Metric {
  return {
    namespace: "AWS/SQS",
    metricName,
    dimensions: { QueueName: queue.nodes.queue.name },
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
export function ofFunction(subject: sst.aws.Function, metricName: string): Metric {
  return {
    namespace: "AWS/Lambda",
    metricName,
    dimensions: { FunctionName: subject.name },
  };
}

/** What happens between a queue and its function. Only a mapping that asks for `EventCount` reports it. */
export function ofSubscriber(
  subscriber: ReturnType<sst.aws.Queue["subscribe"]>,
  metricName: string,
): Metric {
  return {
    namespace: "AWS/Lambda",
    metricName,
    dimensions: {
      EventSourceMappingUUID: subscriber.apply(({ nodes }) => nodes.eventSourceMapping.id),
    },
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html */
export function ofGateway(metricName: "4xx" | "5xx" | "Count" | "Latency"): Metric {
  return {
    namespace: "AWS/ApiGateway",
    metricName,
    dimensions: { ApiId: gateway.nodes.api.id },
  };
}
