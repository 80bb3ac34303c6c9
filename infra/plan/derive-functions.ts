/**
 * Derives the functions of the system: settings from the Lambda resource, permissions from its role's policy (what it
 * is really granted, not what infra asked for), handler and links from SST's request to build it.
 */
import type { Resource } from "./plan.ts";
import type { BuildRequest } from "./rpc.ts";
import * as Shapes from "./shapes.ts";
import { select } from "./shapes.ts";
import type { FunctionSpec } from "./system.ts";

export function deriveFunctions(
  resources: Resource[],
  builds: Record<string, BuildRequest>,
): FunctionSpec[] {
  const roles = select(resources, "aws:iam/role:Role", Shapes.role);
  const logs = select(resources, "aws:cloudwatch/logGroup:LogGroup", Shapes.logGroup);
  return select(resources, "aws:lambda/function:Function", Shapes.lambda).map((lambda) => {
    const request = builds[lambda.name];
    if (request === undefined) throw new Error(`${lambda.name} was never built`);
    const role = roles.find((candidate) => candidate.resource === lambda.role);
    if (role === undefined) throw new Error(`${lambda.name} has no role in this plan`);
    const log = logs.find(({ name }) => name === lambda.name);
    if (log === undefined) throw new Error(`${lambda.name} keeps its log for ever`);
    return {
      name: lambda.name,
      handler: request.build.handler,
      timeoutSeconds: lambda.timeout,
      memoryMb: lambda.memorySize,
      architecture: lambda.architectures[0],
      runtime: lambda.runtime,
      reservedConcurrency: lambda.reservedConcurrentExecutions ?? null,
      environment: plainEnvironment(lambda.environment.variables),
      links: Object.keys(request.links).sort(),
      permissions: role.inlinePolicies.flatMap(({ policy }) =>
        policy.Statement.map(({ Action, Resource, Condition }) => ({
          actions: Action,
          resources: Resource,
          ...(Condition && { conditions: Condition }),
        })),
      ),
      logRetentionDays: log.retentionInDays,
    };
  });
}

/** SST_* carries the links, which every host supplies in its own way. */
function plainEnvironment(variables: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([key]) => !key.startsWith("SST_")));
}
