/** The plan's permissions, one action on one resource each, in the recorder's words. */
import type { FunctionSpec, System } from "@clipcast/infra/plan";
import type { Permission } from "./recorder.ts";

export function plannedFor({ permissions }: FunctionSpec): Set<Permission> {
  return new Set(
    permissions.flatMap(({ actions, resources, conditions }) =>
      actions.flatMap((action) =>
        resources.map((resource) => `${action} ${nameOf(resource)}${contextOf(conditions)}`),
      ),
    ),
  );
}

/**
 * What Lambda's own poller asks for in the function's name, and this host's need not ask:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
 */
export function neededByMappings({ eventSources }: System, functionName: string): Permission[] {
  return eventSources
    .filter((source) => source.function === functionName)
    .map((source) => `sqs:GetQueueAttributes ${source.queue}`);
}

/** `${Table.arn}/index/due` → `Table/index/due` */
function nameOf(resource: string): string {
  return resource.replace(/^\$\{(\w+)\.arn\}/, "$1");
}

function contextOf(conditions: FunctionSpec["permissions"][number]["conditions"]): string {
  const keys = conditions?.["ForAllValues:StringEquals"]?.["kms:EncryptionContextKeys"];
  return keys === undefined ? "" : ` {${[...keys].sort().join(",")}}`;
}
