/** How each type of the plan becomes CloudFormation, and which types do not, with the reason. */

import type { Resource } from "../../plan/plan.ts";
import type { Context } from "../context.ts";
import * as Buckets from "./buckets.ts";
import * as Compute from "./compute.ts";
import * as Edge from "./edge.ts";
import * as Http from "./http.ts";
import * as Page from "./page.ts";
import * as Queues from "./queues.ts";
import * as Storage from "./storage.ts";
import * as Watch from "./watch.ts";

export type Translate = (context: Context, resource: Resource) => void;

const nothing: Translate = () => {};

export const translators: Record<string, Translate> = {
  "aws:apigatewayv2/api:Api": Http.defineApi,
  "aws:apigatewayv2/integration:Integration": Http.defineIntegration,
  "aws:apigatewayv2/route:Route": Http.defineRoute,
  "aws:apigatewayv2/stage:Stage": Http.defineStage,
  "aws:cloudfront/cachePolicy:CachePolicy": Edge.defineCachePolicy,
  "aws:cloudfront/distribution:Distribution": Edge.defineDistribution,
  "aws:cloudfront/function:Function": Edge.defineRouter,
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": Edge.defineHeaders,
  "aws:cloudwatch/dashboard:Dashboard": Watch.defineDashboard,
  "aws:cloudwatch/logGroup:LogGroup": Compute.defineLogGroup,
  "aws:cloudwatch/metricAlarm:MetricAlarm": Watch.defineAlarm,
  "aws:dynamodb/table:Table": Storage.defineTable,
  "aws:iam/role:Role": Compute.defineRole,
  "aws:kms/key:Key": Storage.defineKey,
  "aws:lambda/eventSourceMapping:EventSourceMapping": Compute.defineEventSource,
  "aws:lambda/function:Function": Compute.defineFunction,
  "aws:lambda/permission:Permission": Compute.definePermission,
  "aws:s3/bucket:Bucket": Buckets.defineBucket,
  "aws:s3/bucketPolicy:BucketPolicy": Buckets.defineBucketPolicy,
  "aws:scheduler/schedule:Schedule": Compute.defineSchedule,
  "aws:sns/topic:Topic": Watch.defineTopic,
  "aws:sns/topicPolicy:TopicPolicy": Watch.defineTopicPolicy,
  "aws:sns/topicSubscription:TopicSubscription": Watch.defineSubscription,
  "aws:sqs/queue:Queue": Queues.defineQueue,
  "aws:sqs/queuePolicy:QueuePolicy": Queues.defineQueuePolicy,
  // Said by the bucket itself in CloudFormation; `defineBucket` looks for them.
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": nothing,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": nothing,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": nothing,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": nothing,
  // An asset of the function that it belongs to.
  "aws:s3/bucketObjectv2:BucketObjectv2": nothing,
  // SST encrypts links into the bundle under it; here they are environment variables.
  "random:index/randomBytes:RandomBytes": nothing,
  // Its entries stand in the router's code: CloudFormation can fill a store only once, at creation.
  "aws:cloudfront/keyValueStore:KeyValueStore": nothing,
  // The page is built before synthesis.
  "command:local:Command": nothing,
  "pulumi-nodejs:dynamic:Resource": Page.defineProvided,
};
