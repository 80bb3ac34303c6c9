/**
 * What the plan asks for and one machine cannot give: said at the start, so that nobody believes to
 * have tested it here. Every part of the plan is accounted for: a new one does not compile until
 * somebody has decided whether this host honours it.
 */
import type { System } from "@clipcast/infra/plan";

const honoured = (): string[] => [];
const notEncrypted = "no encryption at rest";

const noticesOf: { [Part in keyof System]: (part: System[Part]) => string[] } = {
  app: honoured,
  stage: honoured,
  functions: (functions) => [
    ...sayIf(
      functions.some((spec) => spec.permissions.length > 0),
      "no IAM checks",
    ),
    ...sayIf(functions.length > 0, "full CPU at any memory", "logs kept for ever"),
    ...otherArchitectures(functions),
    ...otherRuntimes(functions, process.versions.node),
  ],
  tables: (tables) => [
    ...sayIf(
      tables.some((table) => table.pointInTimeRecovery),
      "no point-in-time recovery",
    ),
    ...sayIf(
      tables.some((table) => table.deletionProtection),
      "no deletion protection",
    ),
  ],
  queues: (queues) =>
    sayIf(
      queues.some((queue) => queue.encrypted),
      notEncrypted,
    ),
  buckets: (buckets) =>
    sayIf(
      buckets.some((bucket) => bucket.encrypted),
      notEncrypted,
    ),
  keys: (keys) =>
    sayIf(
      keys.some((key) => key.rotation),
      "no key rotation",
    ),
  eventSources: honoured,
  schedules: honoured,
  routes: honoured,
  apiPrefixes: honoured,
  site: honoured,
  domains: (domains) => sayIf(domains.length > 0, `localhost instead of ${domains.join(", ")}`),
  headers: (headers) => sayIf("strict-transport-security" in headers, "http instead of TLS"),
  topics: (topics) =>
    sayIf(
      topics.some((topic) => topic.subscribers.length > 0),
      "nobody is told of alarms",
    ),
  alarms: (alarms) => sayIf(alarms.length > 0, `no alarms (${alarms.length})`),
  dashboards: (dashboards) => sayIf(dashboards.length > 0, "no dashboard"),
  links: honoured,
};

/** Each setting of the plan that this host cannot honour, in a few words. */
export function listUnhonoured(system: System): string[] {
  const parts = Object.keys(noticesOf) as (keyof System)[];
  return [...new Set(parts.flatMap((part) => noticesFor(part, system)))];
}

function noticesFor<Part extends keyof System>(part: Part, system: System): string[] {
  return noticesOf[part](system[part]);
}

function sayIf(applies: boolean, ...notices: string[]): string[] {
  return applies ? notices : [];
}

function otherArchitectures(functions: System["functions"]): string[] {
  const others = new Set(functions.map((spec) => toNodeName(spec.architecture)));
  others.delete(process.arch);
  return sayIf(others.size > 0, `${process.arch} instead of ${[...others].join(", ")}`);
}

/** `nodeVersion` is this machine's, such as 24.1.0. */
export function otherRuntimes(
  functions: Pick<System["functions"][number], "runtime">[],
  nodeVersion: string,
): string[] {
  const ours = `nodejs${nodeVersion.split(".")[0]}.x`;
  const others = new Set(functions.map(({ runtime }) => runtime));
  others.delete(ours);
  return sayIf(others.size > 0, `${ours} instead of ${[...others].join(", ")}`);
}

function toNodeName(architecture: "arm64" | "x86_64"): string {
  return architecture === "x86_64" ? "x64" : architecture;
}
