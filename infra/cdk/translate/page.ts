/**
 * The page's files: CDK's own deployment function copies them into their bucket, with the plan's caching rules, and has
 * CloudFront forget the old ones. What never changes goes first and index.html last, so that at no moment a page asks for
 * a file that is not there.
 */
import { RemovalPolicy } from "aws-cdk-lib";
import { Distribution } from "aws-cdk-lib/aws-cloudfront";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { BucketDeployment, CacheControl, Source } from "aws-cdk-lib/aws-s3-deployment";
import type { IConstruct } from "constructs";
import { z } from "zod";
import type { Resource } from "../../plan/plan.ts";
import type { Context } from "../context.ts";

const filesInputs = z.strictObject({
  bucketName: z.string(),
  // Not followed for files that caches may keep: a page that is still open asks for those of its own version.
  purge: z.literal(true),
  region: z.string(),
});

const invalidationInputs = z.strictObject({
  distributionId: z.string(),
  paths: z.array(z.string()),
  wait: z.boolean(),
});

/** What SST does by a program of its own, while it deploys. */
export function defineProvided(context: Context, resource: Resource): void {
  const kind = resource.name.split(".sst.aws.")[1] ?? "";
  if (kind === "BucketFiles") definePage(context, resource);
  else if (!doneElsewhere.includes(kind)) {
    throw new Error(`${resource.name}: the stack cannot do what SST does by itself`);
  }
}

const doneElsewhere = [
  // With the files.
  "DistributionInvalidation",
  // The entries of the router's store: store.ts.
  "KvKeys",
  "KvRoutesUpdate",
  // CloudFormation waits by itself.
  "DistributionDeploymentWaiter",
];

function definePage(context: Context, resource: Resource): void {
  const { stack, system, artifacts } = context;
  const { bucketName } = context.read(resource, filesInputs);
  const { distributionId, paths, wait } = readInvalidation(context);
  const logGroup = new LogGroup(stack, "PageLogGroup", {
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const common = {
    sources: [Source.asset(artifacts.page)],
    destinationBucket: Bucket.fromBucketName(stack, "PageBucket", bucketName),
    // The stack can only be deleted when the bucket is empty, and nothing in it is anybody's data.
    retainOnDelete: false,
    memoryLimit: 256,
    logGroup,
  };
  // The last rule that matches counts, so each leaves to the ones behind it what is theirs.
  const rules = system.site.cacheRules.map((rule) => ({
    ...rule,
    pattern: toSyncPattern(rule.files),
  }));
  const [everything, ...special] = rules;
  if (everything?.pattern !== "*") throw new Error("The first caching rule is expected to be `**`");
  const first = special.map(
    ({ pattern, cacheControl }, index) =>
      new BucketDeployment(stack, `PageFiles${index}`, {
        ...common,
        exclude: ["*"],
        include: [pattern],
        prune: false,
        cacheControl: [CacheControl.fromString(cacheControl)],
      }),
  );
  const last = new BucketDeployment(stack, "PageFiles", {
    ...common,
    exclude: special.map(({ pattern }) => pattern),
    prune: true,
    cacheControl: [CacheControl.fromString(everything.cacheControl)],
    distribution: Distribution.fromDistributionAttributes(stack, "PageDistribution", {
      distributionId,
      domainName: context.value("Router", "url"),
    }),
    distributionPaths: paths,
    waitForDistributionInvalidation: wait,
  });
  for (const deployment of first) last.node.addDependency(deployment);
  answerForDeployment(context, last.handlerRole.node.scope);
}

/** CDK writes this function and its rights, as one piece; it runs only while the stack is deployed. */
function answerForDeployment(context: Context, deployment: IConstruct | undefined): void {
  const [lambda, role, policy] = [
    "Resource",
    "ServiceRole/Resource",
    "ServiceRole/DefaultPolicy/Resource",
  ].map((path) =>
    path.split("/").reduce((parent, name) => parent?.node.tryFindChild(name), deployment),
  );
  if (lambda === undefined || role === undefined || policy === undefined) {
    throw new Error("CDK deploys the page in another way than this one knows");
  }
  const runtime =
    "CDK's own function, in the Python that this release of CDK tests it with. It runs only during a deployment and takes its input from the template alone; an upgrade of aws-cdk-lib moves it on.";
  context.answer(lambda, {
    "AwsSolutions-L1": runtime,
    "Serverless-LambdaLatestVersion": runtime,
    "Serverless-LambdaDLQ":
      "CloudFormation calls it, waits for its answer and rolls back on failure: nothing gets lost that a dead letter would keep.",
    "Serverless-LambdaTracing":
      "It runs once or twice per deployment, alone, and its log tells each file that it copied.",
  });
  context.answer(role, {
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]":
      "CDK gives it to its functions: three actions that create log groups and streams and write to them.",
  });
  const actions =
    "CDK's own grant to the function that copies the page: each wildcard spans variants of one action (DeleteObject, DeleteObjectVersion), and on the page's bucket and CDK's staging bucket alone, which hold public files and deployed code.";
  context.answer(policy, {
    ...Object.fromEntries(
      ["Abort*", "DeleteObject*", "GetBucket*", "GetObject*", "List*"].map((action) => [
        `AwsSolutions-IAM5[Action::s3:${action}]`,
        actions,
      ]),
    ),
    "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::<WebAssetsBucket>/*]":
      "The files of the page, all of them: it replaces and prunes them.",
    "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*]":
      "Where CDK stages what a deployment needs, named by content: the page's next version cannot be named in advance. Read only.",
    "AwsSolutions-IAM5[Resource::*]":
      "CDK grants cloudfront:CreateInvalidation and GetInvalidation without naming the distribution. They make CloudFront fetch files again, and neither read nor change any.",
  });
}

function readInvalidation(context: Context) {
  const resource = context.resources.find(({ name }) => name.endsWith(".DistributionInvalidation"));
  if (resource === undefined) throw new Error("The plan never invalidates the page");
  return context.read(resource, invalidationInputs);
}

/** `assets/**` → `assets/*`: the wildcard of `aws s3 sync` crosses folders. */
function toSyncPattern(glob: string): string {
  const pattern = glob.replaceAll("**", "*");
  if (glob.replaceAll("**", "").includes("*")) throw new Error(`${glob} means more than a folder`);
  return pattern;
}
