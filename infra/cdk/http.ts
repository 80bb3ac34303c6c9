/**
 * The HTTP API: one integration per function, the plan's routes, access logs.
 */
import { CfnOutput } from "aws-cdk-lib";
import { CfnApi, CfnIntegration, CfnRoute, CfnStage } from "aws-cdk-lib/aws-apigatewayv2";
import { CfnPermission } from "aws-cdk-lib/aws-lambda";
import { CfnLogGroup } from "aws-cdk-lib/aws-logs";
import { z } from "zod";
import type { Context } from "./context.ts";

const logInputs = z.object({ retentionInDays: z.number().int() });
const stageInputs = z.object({
  name: z.string(),
  autoDeploy: z.boolean(),
  accessLogSettings: z.object({ format: z.string() }),
});

export function defineGateway(context: Context): void {
  const { stack, system } = context;
  const owner = context.onlyOwner("aws:apigatewayv2/api:Api");
  const api = new CfnApi(stack, owner, {
    name: `${system.app}-${system.stage}`,
    protocolType: "HTTP",
  });
  const logs = new CfnLogGroup(
    stack,
    `${owner}Logs`,
    context.inputs("aws:cloudwatch/logGroup:LogGroup", owner, logInputs),
  );
  const stage = context.inputs("aws:apigatewayv2/stage:Stage", owner, stageInputs);
  new CfnStage(stack, `${owner}Stage`, {
    apiId: api.ref,
    stageName: stage.name,
    autoDeploy: stage.autoDeploy,
    accessLogSettings: { destinationArn: logs.attrArn, format: stage.accessLogSettings.format },
  });
  const integrations = new Map<string, CfnIntegration>();
  for (const route of system.routes) {
    const known = integrations.get(route.function);
    const integration = known ?? defineIntegration(context, api, route.function);
    integrations.set(route.function, integration);
    new CfnRoute(stack, `Route${route.method}${route.path.replaceAll(/\W/g, "")}`, {
      apiId: api.ref,
      routeKey: `${route.method} ${route.path}`,
      target: `integrations/${integration.ref}`,
      authorizationType: "NONE",
    });
  }
  new CfnOutput(stack, "ApiUrl", { value: api.attrApiEndpoint });
}

function defineIntegration(context: Context, api: CfnApi, name: string): CfnIntegration {
  const { stack } = context;
  const arn = context.value(`${name}.arn`);
  new CfnPermission(stack, `${name}Invoke`, {
    action: "lambda:InvokeFunction",
    functionName: arn,
    principal: "apigateway.amazonaws.com",
    sourceArn: `arn:${stack.partition}:execute-api:${stack.region}:${stack.account}:${api.ref}/*`,
  });
  return new CfnIntegration(stack, `${name}Integration`, {
    apiId: api.ref,
    integrationType: "AWS_PROXY",
    integrationUri: arn,
    payloadFormatVersion: "2.0",
  });
}
