/**
 * List prices of AWS in us-east-1, in dollars, first tier, without free tiers and discounts, as they were
 * known on 2026-11-20. They were not read from the pages named beside them on that day: compare before you quote a figure.
 */
export const pricesDate = "2026-11-20";

export const prices = {
  /** https://aws.amazon.com/lambda/pricing/, Arm. */
  lambdaGbSecond: 0.0000133334,
  lambdaRequest: 0.2 / 1e6,
  /** https://aws.amazon.com/s3/pricing/, S3 Standard. PUT, COPY, POST and LIST; GET and everything else; DELETE is free. */
  s3Write: 0.005 / 1e3,
  s3Read: 0.0004 / 1e3,
  s3GbMonth: 0.023,
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/: a write of 1 kB, a strongly consistent read of 4 kB. */
  dynamoWriteUnit: 0.625 / 1e6,
  dynamoReadUnit: 0.125 / 1e6,
  /** https://aws.amazon.com/sqs/pricing/, standard queues. */
  sqsRequest: 0.4 / 1e6,
  /** https://aws.amazon.com/kms/pricing/, symmetric keys. */
  kmsRequest: 0.03 / 1e4,
  kmsKeyMonth: 1,
  /** https://aws.amazon.com/api-gateway/pricing/, HTTP APIs. */
  gatewayRequest: 1 / 1e6,
  /** https://aws.amazon.com/cloudfront/pricing/, HTTPS requests; the router in front of page and API. */
  routerRequest: 1 / 1e6,
  /** https://aws.amazon.com/cloudwatch/pricing/. */
  logGb: 0.5,
  metricMonth: 0.3,
  alarmMonth: 0.1,
  dashboardMonth: 3,
  /** https://aws.amazon.com/eventbridge/pricing/, Scheduler. */
  scheduleInvocation: 1 / 1e6,
  /** https://aws.amazon.com/ec2/pricing/on-demand/, data transfer out to the internet, first 10 TB. */
  egressGb: 0.09,
};

export const hoursPerMonth = 730;
export const minutesPerMonth = hoursPerMonth * 60;

/** 1 vCPU at 1,769 MB (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html). */
export const lambdaMbPerVcpu = 1_769;
