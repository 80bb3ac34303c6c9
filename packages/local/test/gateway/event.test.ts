import { describe, expect, it } from "vitest";
import { createEvent, type HttpRequest } from "../../src/gateway/event.ts";

const match = {
  function: "Api",
  routeKey: "ANY /api/{proxy+}",
  pathParameters: { proxy: "me" },
};

function eventOf(request: Partial<HttpRequest>) {
  return createEvent(
    {
      method: "GET",
      url: "/api/me",
      headersDistinct: { host: ["localhost:4300"] },
      body: Buffer.alloc(0),
      sourceIp: "127.0.0.1",
      ...request,
    },
    match,
    { region: "us-east-1", nowMs: Date.UTC(2020, 2, 12, 19, 3, 58, 390) },
  );
}

describe("createEvent", () => {
  it("has the shape of payload format 2.0", () => {
    const event = eventOf({
      url: "/api/me?a=1&a=2&b=%20x&c",
      headersDistinct: {
        host: ["localhost:4300"],
        "user-agent": ["test"],
        "x-many": ["one", "two"],
        connection: ["keep-alive"],
      },
    });
    expect(event).toEqual({
      version: "2.0",
      routeKey: "ANY /api/{proxy+}",
      rawPath: "/api/me",
      rawQueryString: "a=1&a=2&b=%20x&c",
      queryStringParameters: { a: "1,2", b: " x", c: "" },
      pathParameters: { proxy: "me" },
      headers: {
        host: "local.execute-api.us-east-1.amazonaws.com",
        "user-agent": "test",
        "x-many": "one,two",
        "x-amzn-trace-id": expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-host": "localhost:4300",
        "x-forwarded-port": "4300",
        "x-forwarded-proto": "http",
      },
      requestContext: {
        accountId: "000000000000",
        apiId: "local",
        domainName: "local.execute-api.us-east-1.amazonaws.com",
        domainPrefix: "local",
        http: {
          method: "GET",
          path: "/api/me",
          protocol: "HTTP/1.1",
          sourceIp: "127.0.0.1",
          userAgent: "test",
        },
        requestId: expect.any(String),
        routeKey: "ANY /api/{proxy+}",
        stage: "$default",
        time: "12/Mar/2020:19:03:58 +0000",
        timeEpoch: 1584039838390,
      },
      isBase64Encoded: false,
    });
  });

  it("gives cookies their own list and takes them out of the headers", () => {
    const event = eventOf({ headersDistinct: { cookie: ["a=1; b=2", "c=3"] } });
    expect(event.cookies).toEqual(["a=1", "b=2", "c=3"]);
    expect(event.headers).not.toHaveProperty("cookie");
  });

  it("leaves out cookies, query and body when there are none", () => {
    const event = eventOf({});
    expect(event).not.toHaveProperty("cookies");
    expect(event).not.toHaveProperty("queryStringParameters");
    expect(event).not.toHaveProperty("body");
  });

  it("decodes the path", () => {
    expect(eventOf({ url: "/api/a%20b" }).rawPath).toBe("/api/a b");
    expect(eventOf({ url: "/api/%zz" }).rawPath).toBe("/api/%zz");
  });

  it.each([
    ["application/json; charset=utf-8", false],
    ["text/plain", false],
    ["application/problem+json", false],
    [undefined, false],
    ["application/x-www-form-urlencoded", true],
    ["multipart/form-data; boundary=x", true],
    ["application/octet-stream", true],
    ["video/mp4", true],
  ])("a body of type %s comes as base64: %s", (type, isBase64Encoded) => {
    const body = Buffer.from("häl=lo");
    const headersDistinct = type === undefined ? {} : { "content-type": [type] };
    const event = eventOf({ body, headersDistinct });
    expect(event.isBase64Encoded).toBe(isBase64Encoded);
    expect(Buffer.from(event.body ?? "", isBase64Encoded ? "base64" : "utf8")).toEqual(body);
  });
});
