import { describe, expect, it } from "vitest";
import { matchRoute } from "../../src/gateway/routes.ts";

const routes = [
  { method: "ANY", path: "/api/{proxy+}", function: "Api" },
  { method: "POST", path: "/api/tiktok/webhook", function: "Webhook" },
  { method: "GET", path: "/api/users/{id}", function: "User" },
  { method: "ANY", path: "/api/users/{id}", function: "AnyUser" },
];

describe("matchRoute", () => {
  it.each([
    ["POST", "/api/tiktok/webhook", "Webhook", "POST /api/tiktok/webhook", {}],
    ["GET", "/api/tiktok/webhook", "Api", "ANY /api/{proxy+}", { proxy: "tiktok/webhook" }],
    ["POST", "/api/tiktok/webhook/x", "Api", "ANY /api/{proxy+}", { proxy: "tiktok/webhook/x" }],
    ["GET", "/api/users/7", "User", "GET /api/users/{id}", { id: "7" }],
    ["PUT", "/api/users/7", "AnyUser", "ANY /api/users/{id}", { id: "7" }],
    ["GET", "/api/users/7/x", "Api", "ANY /api/{proxy+}", { proxy: "users/7/x" }],
  ])("%s %s goes to %s", (method, path, name, routeKey, pathParameters) => {
    expect(matchRoute(routes, method, path)).toEqual({ function: name, routeKey, pathParameters });
  });

  it.each(["/", "/api", "/api/", "/other"])("has no function for %s", (path) => {
    expect(matchRoute(routes, "GET", path)).toBeNull();
  });

  it("falls back to $default, whatever the order of the routes", () => {
    const withDefault = [{ method: "ANY", path: "$default", function: "Rest" }, ...routes];
    expect(matchRoute(withDefault, "GET", "/other")).toMatchObject({
      function: "Rest",
      routeKey: "$default",
    });
    expect(matchRoute(withDefault, "GET", "/api/x")).toMatchObject({ function: "Api" });
  });
});
