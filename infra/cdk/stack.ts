/**
 * One stack from one plan: each resource of the plan becomes the CloudFormation resource of the same name. Adding a
 * queue or changing a timeout in infra/*.ts changes this stack without a line here; a type or a property that is new to
 * the plan stops the synthesis until it has a translation.
 */
import { type App, CfnOutput, Stack } from "aws-cdk-lib";
import type { Plan } from "../plan/plan.ts";
import { Context, type StackInput } from "./context.ts";
import { translators } from "./translate/index.ts";

export function defineStack(app: App, input: StackInput): Stack {
  const { plan } = input;
  const { app: name, stage } = plan.system;
  const stack = new Stack(app, `${name}-${stage}`, {
    description: `ClipCast Publish, stage ${stage}`,
    // Whoever retains data does not want its stack deleted by accident, either.
    terminationProtection: plan.resources.some((resource) => resource.retainOnDelete),
  });
  const context = new Context(stack, input);
  for (const resource of plan.resources) {
    if (resource.type.startsWith("sst:")) continue;
    const translate = translators[resource.type];
    if (translate === undefined) {
      throw new Error(`${resource.name}: the stack has no translation of ${resource.type}`);
    }
    translate(context, resource);
  }
  // Where to point a domain, TikTok's settings and a browser.
  new CfnOutput(stack, "Origin", { value: context.resolve(siteOrigin(plan)) });
  return stack;
}

function siteOrigin({ system }: Plan): string {
  const [domain] = system.domains;
  return domain === undefined ? `\${Router.url}` : `https://${domain}`;
}
