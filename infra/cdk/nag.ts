/**
 * What cdk-nag's packs for AWS and for serverless systems find in a stack. A finding is answered where its resource is
 * defined, and the answers stand in the template, beside the resource.
 */
import type { App } from "aws-cdk-lib";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";

export interface Finding {
  /** `AwsSolutions-SQS3`, or with what it is about: `AwsSolutions-IAM5[Resource::*]`. */
  id: string;
  /** Where: `clipcast-publish-production/RelayQueueQueue`. */
  path: string;
  description: string;
}

/** Everything that has no answer, sorted. */
export function findFindings(app: App): Finding[] {
  const options = { writeSuppressionsToCloudFormation: true };
  return [new AwsSolutionsChecks(app, options), new ServerlessChecks(app, options)]
    .flatMap((pack) => pack.validateScope(app).violations)
    .flatMap(({ ruleName, description, violatingResources }) =>
      violatingResources.map(({ constructPath }) => ({
        id: ruleName,
        path: constructPath ?? "",
        description,
      })),
    )
    .sort((a, b) => (`${a.path} ${a.id}` < `${b.path} ${b.id}` ? -1 : 1));
}
