/**
 * List prices of AWS in us-east-1, in dollars, first tier, without free tiers and discounts. AWS's own price tables are drawn by
 * scripts and could not be read as text; each figure was compared on the date below with the page "seen", which quotes it for
 * us-east-1. What no page could be found for says so. Compare again before you quote a figure.
 */
export const pricesDate = "2026-11-22";

export const prices = {
  /**
   * https://aws.amazon.com/lambda/pricing/, Arm, first tier. Seen: https://cloudchipr.com/blog/aws-lambda-pricing.
   * Since August 2025 a cold start's initialisation is billed as well, which less than 1 % of invocations have:
   * https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
   */
  lambdaGbSecond: 0.0000133334,
  lambdaRequest: 0.2 / 1e6,
  /**
   * https://aws.amazon.com/s3/pricing/, S3 Standard. PUT, COPY, POST and LIST; GET and everything else; DELETE is free.
   * Seen: https://c3x.dev/blog/s3-request-fees-explained; storage: https://deepeshsoni.com/archives/256.
   */
  s3Write: 0.005 / 1e3,
  s3Read: 0.0004 / 1e3,
  s3GbMonth: 0.023,
  /**
   * https://aws.amazon.com/dynamodb/pricing/on-demand/: a write of 1 kB, a strongly consistent read of 4 kB. Half of what
   * older pages say, since November 2024. Seen: https://airbyte.com/data-engineering-resources/dynamodb-pricing.
   */
  dynamoWriteUnit: 0.625 / 1e6,
  dynamoReadUnit: 0.125 / 1e6,
  /** https://aws.amazon.com/sqs/pricing/, standard queues. Seen: https://cloudburn.io/blog/amazon-sqs-pricing. */
  sqsRequest: 0.4 / 1e6,
  /** The same page: on top for messages with a group (fair queues), which all of ours are. Taken for each of their requests. */
  sqsFairRequest: 0.1 / 1e6,
  /**
   * https://aws.amazon.com/kms/pricing/, symmetric keys. The key's price was read there; a rotated key costs a dollar more after
   * its first rotation and after its second. Requests, seen: https://www.wring.co/blog/aws-kms-pricing-guide.
   */
  kmsRequest: 0.03 / 1e4,
  kmsKeyMonth: 1,
  /** https://aws.amazon.com/api-gateway/pricing/, HTTP APIs. Seen: https://www.apigatewaycost.com/aws. */
  gatewayRequest: 1 / 1e6,
  /**
   * https://aws.amazon.com/cloudfront/pricing/, HTTPS requests from the United States; the router in front of page and API.
   * No page was found that quotes it.
   */
  routerRequest: 1 / 1e6,
  /**
   * https://aws.amazon.com/cloudwatch/pricing/. Logs and dashboards, seen:
   * https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/; metrics:
   * https://signoz.io/guides/cloudwatch-pricing; no page was found that quotes the alarm.
   */
  logGb: 0.5,
  metricMonth: 0.3,
  alarmMonth: 0.1,
  dashboardMonth: 3,
  /** https://aws.amazon.com/eventbridge/pricing/, Scheduler. Seen: https://cloudburn.io/blog/amazon-eventbridge-pricing. */
  scheduleInvocation: 1 / 1e6,
  /**
   * https://aws.amazon.com/ec2/pricing/on-demand/, data transfer out to the internet, first 10 TB.
   * Seen: https://leanopstech.com/blog/aws-data-transfer-pricing-2026/.
   */
  egressGb: 0.09,
};

export const hoursPerMonth = 730;
export const minutesPerMonth = hoursPerMonth * 60;

/** 1 vCPU at 1,769 MB (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html). */
export const lambdaMbPerVcpu = 1_769;
