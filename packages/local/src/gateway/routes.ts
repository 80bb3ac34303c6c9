/**
 * Which function answers a request: API Gateway v2's routes and their precedence.
 *
 * A literal path wins over one with variables, that over a greedy `{proxy+}`, that over `$default`,
 * and a named method over `ANY`:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
import type { System } from "@clipcast/infra/plan";

export type Route = System["routes"][number];

export type RouteMatch = {
  function: string;
  /** `ANY /api/{proxy+}` or `$default`, as `requestContext.routeKey` has it. */
  routeKey: string;
  pathParameters: Record<string, string>;
};

type Candidate = { route: Route; parameters: Record<string, string>; rank: number };

/** `path` is already decoded. */
export function matchRoute(routes: Route[], method: string, path: string): RouteMatch | null {
  let best: Candidate | null = null;
  for (const route of routes) {
    const candidate = tryRoute(route, method, path);
    if (candidate !== null && (best === null || candidate.rank > best.rank)) best = candidate;
  }
  if (best === null) return null;
  const { route, parameters } = best;
  const routeKey = isDefault(route) ? "$default" : `${route.method} ${route.path}`;
  return { function: route.function, routeKey, pathParameters: parameters };
}

function tryRoute(route: Route, method: string, path: string): Candidate | null {
  if (isDefault(route)) return { route, parameters: {}, rank: 0 };
  if (route.method !== "ANY" && route.method !== method) return null;
  const parameters: Record<string, string> = {};
  const wanted = route.path.split("/");
  const given = path.split("/");
  // Longer literal prefixes outrank shorter ones; variables and the greedy tail add less.
  let rank = route.method === "ANY" ? 1 : 2;
  for (const [index, segment] of wanted.entries()) {
    const value = given[index];
    const greedy = /^\{(.+)\+\}$/.exec(segment)?.[1];
    if (greedy !== undefined) {
      const rest = given.slice(index).join("/");
      if (rest === "") return null;
      parameters[greedy] = rest;
      return { route, parameters, rank };
    }
    const variable = /^\{(.+)\}$/.exec(segment)?.[1];
    if (value === undefined || (variable === undefined && value !== segment)) return null;
    if (variable !== undefined) {
      if (value === "") return null;
      parameters[variable] = value;
    }
    rank += variable === undefined ? 100 : 10;
  }
  // An exact match, without a greedy tail, outranks every greedy one.
  return wanted.length === given.length ? { route, parameters, rank: rank + 10_000 } : null;
}

function isDefault(route: Route): boolean {
  return route.path === "$default" || route.method === "$default";
}
