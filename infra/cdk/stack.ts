/**
 * One stack from one plan. Every setting comes from the plan: adding a queue or changing a timeout in infra/*.ts changes
 * this stack without a line here.
 *
 * Not here yet: the page and its CloudFront distribution. Until then the public origin is a parameter of the stack.
 */
import { type App, Stack } from "aws-cdk-lib";
import type { Plan } from "../plan/plan.ts";
import { type Bundles, defineFunctions } from "./compute.ts";
import { Context } from "./context.ts";
import { defineBuckets, defineKeys, defineQueues, defineTables } from "./data.ts";
import { defineGateway } from "./http.ts";

export function defineStack(app: App, input: { plan: Plan; bundles: Bundles }): Stack {
  const { plan, bundles } = input;
  const { app: name, stage } = plan.system;
  const stack = new Stack(app, `${name}-${stage}`, {
    description: `ClipCast Publish, stage ${stage}`,
    terminationProtection: stage === "production",
  });
  const context = new Context(stack, plan);
  defineKeys(context);
  defineBuckets(context);
  defineTables(context);
  defineQueues(context);
  defineFunctions(context, bundles);
  defineGateway(context);
  return stack;
}
