/**
 * What stands behind `${Table.arn}` once the table is a resource of the stack: for each type of the plan, its attributes
 * in CloudFormation's words. An attribute that is not here stops the synthesis.
 */
import { Fn, type Stack } from "aws-cdk-lib";

type Attribute = (logicalId: string, stack: Stack) => string;

const ref: Attribute = (logicalId) => Fn.ref(logicalId);
const attribute =
  (name: string): Attribute =>
  (logicalId) =>
    Fn.getAtt(logicalId, name).toString();
const arn = attribute("Arn");

export const attributesByType: Record<string, Record<string, Attribute>> = {
  "aws:apigatewayv2/api:Api": {
    id: ref,
    host: (api, { region, urlSuffix }) => `${Fn.ref(api)}.execute-api.${region}.${urlSuffix}`,
    executionArn: (api, { partition, region, account }) =>
      `arn:${partition}:execute-api:${region}:${account}:${Fn.ref(api)}`,
  },
  "aws:apigatewayv2/integration:Integration": { id: ref },
  "aws:cloudfront/cachePolicy:CachePolicy": { id: attribute("Id") },
  "aws:cloudfront/distribution:Distribution": {
    id: ref,
    url: (distribution) => `https://${Fn.getAtt(distribution, "DomainName").toString()}`,
  },
  "aws:cloudfront/function:Function": { arn: attribute("FunctionARN") },
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": { id: attribute("Id") },
  "aws:cloudwatch/logGroup:LogGroup": { name: ref, arn },
  "aws:cloudwatch/metricAlarm:MetricAlarm": { arn },
  "aws:dynamodb/table:Table": { name: ref, arn },
  "aws:iam/role:Role": { arn },
  "aws:kms/key:Key": { arn },
  "aws:lambda/eventSourceMapping:EventSourceMapping": { id: ref },
  "aws:lambda/function:Function": { name: ref, arn },
  "aws:s3/bucket:Bucket": { name: ref, arn, regionalDomain: attribute("RegionalDomainName") },
  "aws:sns/topic:Topic": { arn: ref },
  "aws:sqs/queue:Queue": { name: attribute("QueueName"), arn, url: ref },
};
