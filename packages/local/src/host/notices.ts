/**
 * What the plan asks for and one machine cannot give: said at the start, so that nobody believes to
 * have tested it here.
 */
import type { System } from "@clipcast/infra/plan";

export function listUnhonoured(system: System): string[] {
  const notices = ["no IAM checks", "full CPU at any memory"];
  const architectures = new Set(system.functions.map((spec) => toNodeName(spec.architecture)));
  architectures.delete(process.arch);
  if (architectures.size > 0) {
    notices.push(`${process.arch} instead of ${[...architectures].join(", ")}`);
  }
  if (system.keys.some((key) => key.rotation)) notices.push("no key rotation");
  if (system.tables.some((table) => table.pointInTimeRecovery)) {
    notices.push("no point-in-time recovery");
  }
  return notices;
}

function toNodeName(architecture: "arm64" | "x86_64"): string {
  return architecture === "x86_64" ? "x64" : architecture;
}
