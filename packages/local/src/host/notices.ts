/**
 * What the plan asks for and one machine cannot give: said at the start, so that nobody believes to
 * have tested it here.
 */
import type { System } from "@clipcast/infra/plan";

/** Each setting of the plan that this host cannot honour, in a few words. */
export function listUnhonoured(system: System): string[] {
  const { functions, tables, queues, buckets, topics, alarms, dashboards, keys } = system;
  const others = new Set(functions.map((spec) => toNodeName(spec.architecture)));
  others.delete(process.arch);
  const isEncrypted = [...buckets, ...queues].some((spec) => spec.encrypted);
  const conditions: [boolean, string][] = [
    [functions.some((spec) => spec.permissions.length > 0), "no IAM checks"],
    [functions.length > 0, "full CPU at any memory"],
    [others.size > 0, `${process.arch} instead of ${[...others].join(", ")}`],
    [functions.some((spec) => spec.logRetentionDays > 0), "logs kept for ever"],
    [keys.some((key) => key.rotation), "no key rotation"],
    [tables.some((table) => table.pointInTimeRecovery), "no point-in-time recovery"],
    [tables.some((table) => table.deletionProtection), "no deletion protection"],
    [isEncrypted || topics.some((topic) => topic.key !== null), "no encryption at rest"],
    ["strict-transport-security" in system.headers, "http instead of TLS"],
    [system.domains.length > 0, `localhost instead of ${system.domains.join(", ")}`],
    [alarms.length > 0, `no alarms (${alarms.length})`],
    [topics.some((topic) => topic.subscribers.length > 0), "nobody is told of alarms"],
    [dashboards.length > 0, "no dashboard"],
  ];
  return conditions.filter(([applies]) => applies).map(([, notice]) => notice);
}

function toNodeName(architecture: "arm64" | "x86_64"): string {
  return architecture === "x86_64" ? "x64" : architecture;
}
