/**
 * The log port over Powertools: one JSON line per outcome, and its measures in the same line.
 *
 * A line with measures is in CloudWatch's embedded metric format (EMF), so that it is both a log entry and a data point:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 * Powertools' own way is a buffer that is printed when an invocation ends: a relay that is killed in its 14th minute
 * would take its numbers with it, and each number would be apart from the line that explains it.
 *
 * Powertools reads service and namespace from the environment (infra/lambda.ts). Its tracer is left out: the X-Ray SDK
 * under it would weigh more than our code, and publication ids already lead through all functions' lines.
 */
import { LogFormatter, Logger, LogItem } from "@aws-lambda-powertools/logger";
import type { LogAttributes, UnformattedAttributes } from "@aws-lambda-powertools/logger/types";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { type Log, type Measures, metricUnits } from "@clipcast/core/system";
import type { Context } from "aws-lambda";
import { redactField } from "./redact.ts";

export interface InvocationLog extends Log {
  /** Lines from here on name this invocation. */
  begin(context: Context): void;
}

export function createLog(options: { stage: string; secrets?: readonly string[] }): InvocationLog {
  const { stage, secrets = [] } = options;
  const logger = new Logger({
    logFormatter: new OutcomeFormatter(),
    jsonReplacerFn: (name, value) => redactField(name, value, secrets),
  });
  const metrics = new Metrics({ defaultDimensions: { stage } });
  return {
    begin: (context) => logger.addContext(context),
    event(name, fields, measures = {}) {
      const line = { ...fields, ...toEmf(metrics, measures) };
      // What is not a state of a publication but trouble of ours.
      if (/[.-]failed$/.test(name)) logger.error(name, line);
      else logger.info(name, line);
    },
  };
}

/** Empty where nothing is measured. */
function toEmf(metrics: Metrics, measures: Measures): LogAttributes {
  const names = Object.keys(measures) as (keyof Measures)[];
  for (const name of names) metrics.addMetric(name, metricUnits[name], measures[name] ?? 0);
  if (!metrics.hasStoredMetrics()) return {};
  // Powertools adds its service itself, to every line.
  const { service: _, ...emf } = metrics.serializeMetrics();
  metrics.clearMetrics();
  return emf;
}

/** What all lines share, and no more: an ARN, a memory size and the like would be paid for with every line. */
class OutcomeFormatter extends LogFormatter {
  formatAttributes(shared: UnformattedAttributes, fields: LogAttributes): LogItem {
    const { logLevel, timestamp, message, serviceName, lambdaContext } = shared;
    const attributes = {
      level: logLevel,
      timestamp: this.formatTimestamp(timestamp),
      event: message,
      service: serviceName,
      requestId: lambdaContext?.awsRequestId,
      ...(lambdaContext?.coldStart && { isColdStart: true }),
    };
    return new LogItem({ attributes }).addAttributes(fields);
  }
}
