/**
 * What the plan asks for and one machine cannot give: said at the start, so that nobody believes to
 * have tested it here.
 */
import type { System } from "@clipcast/infra/plan";

export function listUnhonoured(system: System): string[] {
  const notices = ["IAM permissions are not enforced", "CPU does not follow memory"];
  const architectures = new Set(system.functions.map((spec) => toNodeName(spec.architecture)));
  architectures.delete(process.arch);
  if (architectures.size > 0) {
    notices.push(`functions run on ${process.arch}, not ${[...architectures].join(", ")}`);
  }
  if (system.keys.some((key) => key.rotation)) notices.push("keys do not rotate");
  if (system.tables.some((table) => table.pointInTimeRecovery)) {
    notices.push("no point-in-time recovery");
  }
  return notices;
}

function toNodeName(architecture: "arm64" | "x86_64"): string {
  return architecture === "x86_64" ? "x64" : architecture;
}
