/** Which resource of a template needs which: what CloudFormation would only say while deploying. */
import type { Resources } from "./synthesize.ts";

/** References to what is not there, and resources that need each other in a circle. */
export function findReferenceProblems(resources: Resources): string[] {
  const needs = new Map(
    Object.entries(resources).map(([id, resource]) => [id, [...new Set(listNeeds(resource))]]),
  );
  const missing = [...needs].flatMap(([id, others]) =>
    others
      .filter((other) => !needs.has(other))
      .map((other) => `${id} refers to ${other}, which is missing`),
  );
  const settled = new Set<string>();
  const circles: string[] = [];
  const visit = (id: string, way: string[]): void => {
    if (settled.has(id)) return;
    if (way.includes(id))
      circles.push(`circle: ${[...way.slice(way.indexOf(id)), id].join(" → ")}`);
    else {
      for (const other of needs.get(id) ?? []) visit(other, [...way, id]);
      settled.add(id);
    }
  };
  for (const id of needs.keys()) visit(id, []);
  return [...missing, ...circles];
}

function listNeeds(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(listNeeds);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (key === "Ref") return String(item).startsWith("AWS::") ? [] : [String(item)];
    if (key === "Fn::GetAtt") return [String(item[0])];
    if (key === "DependsOn") return [item].flat().map(String);
    return listNeeds(item);
  });
}
