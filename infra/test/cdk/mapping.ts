/**
 * How a type of the plan reads in CloudFormation. What is not written down keeps its name with a capital letter and must
 * be equal; what differs by nature stands here with the reason. The translators know nothing of this table, nor it of them.
 */

/** A pattern over a whole path, in which `*` stands for one name, and what it is called instead. */
type Renames = [pattern: string, replacement: string][];

export interface Mapping {
  /** CloudFormation's type. */
  type: string;
  /** What the properties stand under in CloudFormation: `DistributionConfig`. */
  under?: string;
  /** The first that fits counts; `**` at the end stands for the rest of a path, which is taken as it is. */
  renames?: Renames;
  /** The input that names the resource which this one is a part of. */
  partOf?: string;
  /** Reasons, by pattern, why the plan's inputs or the template's properties have no counterpart. */
  onlyInPlan?: Record<string, string>;
  onlyInTemplate?: Record<string, string>;
  /** What CloudFormation wants said and the plan implies, by pattern. */
  implied?: Record<string, string | boolean>;
}

const drawnName = { Name: "SST draws names by chance; CloudFormation wants this one given" };
const noFifo = "The service refuses to be told that a standard queue or topic is no FIFO one";
const linkVariables =
  "SST encrypts links into the bundle; here they are variables, compared with the plan's links";

export const mappings: Record<string, Mapping> = {
  "aws:apigatewayv2/api:Api": { type: "AWS::ApiGatewayV2::Api", onlyInTemplate: drawnName },
  "aws:apigatewayv2/integration:Integration": { type: "AWS::ApiGatewayV2::Integration" },
  "aws:apigatewayv2/route:Route": { type: "AWS::ApiGatewayV2::Route" },
  "aws:apigatewayv2/stage:Stage": {
    type: "AWS::ApiGatewayV2::Stage",
    renames: [["name", "StageName"]],
  },
  "aws:cloudfront/cachePolicy:CachePolicy": {
    type: "AWS::CloudFront::CachePolicy",
    under: "CachePolicyConfig",
    renames: [
      ["defaultTtl", "DefaultTTL"],
      ["maxTtl", "MaxTTL"],
      ["minTtl", "MinTTL"],
      [
        "parametersInCacheKeyAndForwardedToOrigin.headersConfig.headers.items.*",
        "ParametersInCacheKeyAndForwardedToOrigin.HeadersConfig.Headers.*",
      ],
    ],
    onlyInTemplate: { "CachePolicyConfig.Name": drawnName.Name },
  },
  "aws:cloudfront/distribution:Distribution": {
    type: "AWS::CloudFront::Distribution",
    under: "DistributionConfig",
    renames: [
      [
        "defaultCacheBehavior.functionAssociations.*.functionArn",
        "DefaultCacheBehavior.FunctionAssociations.*.FunctionARN",
      ],
      ["origins.*.originId", "Origins.*.Id"],
      ["origins.*.customOriginConfig.httpPort", "Origins.*.CustomOriginConfig.HTTPPort"],
      ["origins.*.customOriginConfig.httpsPort", "Origins.*.CustomOriginConfig.HTTPSPort"],
      [
        "origins.*.customOriginConfig.originSslProtocols.*",
        "Origins.*.CustomOriginConfig.OriginSSLProtocols.*",
      ],
      [
        "viewerCertificate.cloudfrontDefaultCertificate",
        "ViewerCertificate.CloudFrontDefaultCertificate",
      ],
    ],
    onlyInPlan: {
      "tags.**": "SST's notes to itself about its key-value store",
      waitForDeployment: "CloudFormation always waits",
    },
  },
  "aws:cloudfront/function:Function": {
    type: "AWS::CloudFront::Function",
    renames: [
      ["code", "FunctionCode"],
      ["runtime", "FunctionConfig.Runtime"],
    ],
    onlyInPlan: {
      "keyValueStoreAssociations.*": "The store's entries stand in the code, compared as `Entries`",
    },
    onlyInTemplate: {
      ...drawnName,
      "FunctionConfig.Comment": "CloudFormation wants one",
      "Entries.*:metadata.s3.routes.*": "Folders of the built page",
      "Entries.*:/**": "Files of the built page",
    },
    implied: { AutoPublish: true },
  },
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": {
    type: "AWS::CloudFront::ResponseHeadersPolicy",
    under: "ResponseHeadersPolicyConfig",
  },
  "aws:cloudwatch/dashboard:Dashboard": {
    type: "AWS::CloudWatch::Dashboard",
    renames: [["dashboardBody.**", "DashboardBody.**"]],
  },
  "aws:cloudwatch/logGroup:LogGroup": { type: "AWS::Logs::LogGroup" },
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    type: "AWS::CloudWatch::Alarm",
    renames: [
      ["name", "AlarmName"],
      ["okActions.*", "OKActions.*"],
      ["evaluateLowSampleCountPercentiles", "EvaluateLowSampleCountPercentile"],
      ["dimensions.**", "Dimensions.**"],
    ],
  },
  "aws:dynamodb/table:Table": {
    type: "AWS::DynamoDB::Table",
    renames: [
      ["attributes.*.name", "AttributeDefinitions.*.AttributeName"],
      ["attributes.*.type", "AttributeDefinitions.*.AttributeType"],
      ["hashKey", "KeySchema.0.AttributeName"],
      ["rangeKey", "KeySchema.1.AttributeName"],
      ["globalSecondaryIndexes.*.name", "GlobalSecondaryIndexes.*.IndexName"],
      ["globalSecondaryIndexes.*.hashKey", "GlobalSecondaryIndexes.*.KeySchema.0.AttributeName"],
      ["globalSecondaryIndexes.*.rangeKey", "GlobalSecondaryIndexes.*.KeySchema.1.AttributeName"],
      [
        "globalSecondaryIndexes.*.projectionType",
        "GlobalSecondaryIndexes.*.Projection.ProjectionType",
      ],
      [
        "globalSecondaryIndexes.*.nonKeyAttributes.*",
        "GlobalSecondaryIndexes.*.Projection.NonKeyAttributes.*",
      ],
      [
        "pointInTimeRecovery.enabled",
        "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
      ],
      ["ttl.attributeName", "TimeToLiveSpecification.AttributeName"],
      ["ttl.enabled", "TimeToLiveSpecification.Enabled"],
    ],
    onlyInPlan: { streamEnabled: "A table without a stream says nothing about it; it must be off" },
    implied: {
      "KeySchema.0.KeyType": "HASH",
      "KeySchema.1.KeyType": "RANGE",
      "GlobalSecondaryIndexes.*.KeySchema.0.KeyType": "HASH",
      "GlobalSecondaryIndexes.*.KeySchema.1.KeyType": "RANGE",
    },
  },
  "aws:iam/role:Role": {
    type: "AWS::IAM::Role",
    renames: [
      ["assumeRolePolicy.**", "AssumeRolePolicyDocument.**"],
      ["inlinePolicies.*.name", "Policies.*.PolicyName"],
      ["inlinePolicies.*.policy.**", "Policies.*.PolicyDocument.**"],
    ],
  },
  "aws:kms/key:Key": {
    type: "AWS::KMS::Key",
    renames: [
      ["deletionWindowInDays", "PendingWindowInDays"],
      ["policy.**", "KeyPolicy.**"],
    ],
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": { type: "AWS::Lambda::EventSourceMapping" },
  "aws:lambda/function:Function": {
    type: "AWS::Lambda::Function",
    renames: [["environment.variables.*", "Environment.Variables.*"]],
    onlyInPlan: {
      "environment.variables.SST_*": linkVariables,
      publish: "CloudFormation publishes no versions by itself; it must be off",
      s3Bucket: "Where SST stages code",
      s3Key: "Where SST stages code",
    },
    onlyInTemplate: {
      "Code.S3Bucket.**": "Where CDK stages code",
      "Code.S3Key": "Where CDK stages code, by content",
    },
  },
  "aws:lambda/permission:Permission": {
    type: "AWS::Lambda::Permission",
    renames: [["function", "FunctionName"]],
  },
  "aws:s3/bucket:Bucket": {
    type: "AWS::S3::Bucket",
    renames: [["bucket", "BucketName"]],
    onlyInPlan: { forceDestroy: "CloudFormation deletes no bucket that holds something" },
  },
  "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": {
    type: "AWS::S3::Bucket",
    partOf: "bucket",
    under: "CorsConfiguration",
    renames: [
      ["corsRules.*.exposeHeaders.*", "CorsRules.*.ExposedHeaders.*"],
      ["corsRules.*.maxAgeSeconds", "CorsRules.*.MaxAge"],
    ],
  },
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {
    type: "AWS::S3::Bucket",
    partOf: "bucket",
    under: "LifecycleConfiguration",
    renames: [
      ["rules.*.expiration.days", "Rules.*.ExpirationInDays"],
      ["rules.*.filter.prefix", "Rules.*.Prefix"],
    ],
  },
  "aws:s3/bucketPolicy:BucketPolicy": {
    type: "AWS::S3::BucketPolicy",
    renames: [["policy.**", "PolicyDocument.**"]],
  },
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
    type: "AWS::S3::Bucket",
    partOf: "bucket",
    under: "PublicAccessBlockConfiguration",
  },
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {
    type: "AWS::S3::Bucket",
    partOf: "bucket",
    under: "BucketEncryption",
    renames: [
      [
        "rules.*.applyServerSideEncryptionByDefault.sseAlgorithm",
        "ServerSideEncryptionConfiguration.*.ServerSideEncryptionByDefault.SSEAlgorithm",
      ],
    ],
  },
  "aws:scheduler/schedule:Schedule": { type: "AWS::Scheduler::Schedule" },
  "aws:sns/topic:Topic": { type: "AWS::SNS::Topic", onlyInPlan: { fifoTopic: noFifo } },
  "aws:sns/topicPolicy:TopicPolicy": {
    type: "AWS::SNS::TopicPolicy",
    renames: [
      ["arn", "Topics.0"],
      ["policy.**", "PolicyDocument.**"],
    ],
  },
  "aws:sns/topicSubscription:TopicSubscription": {
    type: "AWS::SNS::Subscription",
    renames: [["topic", "TopicArn"]],
  },
  "aws:sqs/queue:Queue": {
    type: "AWS::SQS::Queue",
    renames: [
      ["messageRetentionSeconds", "MessageRetentionPeriod"],
      ["visibilityTimeoutSeconds", "VisibilityTimeout"],
      ["redrivePolicy.**", "RedrivePolicy.**"],
    ],
    onlyInPlan: { contentBasedDeduplication: noFifo, fifoQueue: noFifo },
  },
  "aws:sqs/queuePolicy:QueuePolicy": {
    type: "AWS::SQS::QueuePolicy",
    renames: [
      ["queueUrl", "Queues.0"],
      ["policy.**", "PolicyDocument.**"],
    ],
  },
};

/** Resources of the plan without a counterpart, by the end of their type or name. */
export const onlyInPlan: Record<string, string> = {
  "aws:s3/bucketObjectv2:BucketObjectv2": "Code that SST stages; CDK stages its own",
  "aws:cloudfront/keyValueStore:KeyValueStore": "CloudFormation can fill a store only once",
  "random:index/randomBytes:RandomBytes": "The key of SST's encrypted links",
  "command:local:Command": "The page is built before synthesis",
  DistributionDeploymentWaiter: "CloudFormation waits by itself",
};

/** Resources of the template without a counterpart, by the beginning of their id. */
export const onlyInTemplate: Record<string, string> = {
  PageLogGroup: "The log of CDK's function that copies the page",
  PageFilesAwsCliLayer: "What that function works with",
  PageFiles0AwsCliLayer: "What that function works with",
  CustomCDKBucketDeployment: "That function, its role and its policy",
};
