/** The HTTP API: routes, the functions behind them, access logs. */
import { CfnApi, CfnIntegration, CfnRoute, CfnStage } from "aws-cdk-lib/aws-apigatewayv2";
import { z } from "zod";
import type { Resource } from "../../plan/plan.ts";
import { type Context, logicalId } from "../context.ts";

const apiInputs = z
  // Empty: the API answers no cross-origin request.
  .strictObject({ corsConfiguration: z.strictObject({}), protocolType: z.string() })
  .transform(({ protocolType }) => ({ protocolType }));

export function defineApi(context: Context, resource: Resource): void {
  new CfnApi(context.stack, logicalId(resource), {
    ...context.read(resource, apiInputs),
    name: context.physicalName("api"),
  });
}

const integrationInputs = z.strictObject({
  apiId: z.string(),
  integrationType: z.string(),
  integrationUri: z.string(),
  payloadFormatVersion: z.string(),
});

export function defineIntegration(context: Context, resource: Resource): void {
  const inputs = context.read(resource, integrationInputs);
  new CfnIntegration(context.stack, logicalId(resource), inputs);
}

const routeInputs = z.strictObject({
  apiId: z.string(),
  authorizationType: z.string(),
  routeKey: z.string(),
  target: z.string(),
});

export function defineRoute(context: Context, resource: Resource): void {
  const inputs = context.read(resource, routeInputs);
  const route = new CfnRoute(context.stack, logicalId(resource), inputs);
  context.answer(route, {
    "AwsSolutions-APIG4": inputs.routeKey.endsWith("webhook")
      ? "TikTok cannot sign in. The function checks TikTok's HMAC signature over the raw body and its age before it reads anything, and a hook only makes the poller ask TikTok."
      : "Creators sign in with TikTok, which no authorizer of the gateway speaks. The function checks the session cookie (or the bearer token) of each request against the table, and the Origin of each write.",
  });
}

const stageInputs = z
  .strictObject({
    apiId: z.string(),
    name: z.string(),
    autoDeploy: z.boolean(),
    accessLogSettings: z.strictObject({ destinationArn: z.string(), format: z.string() }),
    defaultRouteSettings: z
      .strictObject({ throttlingBurstLimit: z.number(), throttlingRateLimit: z.number() })
      .exactOptional(),
  })
  .transform(({ name, ...same }) => ({ ...same, stageName: name }));

export function defineStage(context: Context, resource: Resource): void {
  const inputs = context.read(resource, stageInputs);
  new CfnStage(context.stack, logicalId(resource), inputs);
}
