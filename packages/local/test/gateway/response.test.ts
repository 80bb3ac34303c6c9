import { describe, expect, it } from "vitest";
import { toHttpResponse } from "../../src/gateway/response.ts";

function responseTo(value: unknown) {
  return toHttpResponse({ functionError: null, payload: Buffer.from(JSON.stringify(value)) });
}

describe("toHttpResponse", () => {
  it("takes status, headers, cookies and body from a structured answer", () => {
    const response = responseTo({
      statusCode: 201,
      headers: { "Content-Type": "application/json", "X-Count": 3, "content-length": "999" },
      cookies: ["a=1; HttpOnly", "b=2"],
      body: '{"ok":true}',
    });
    expect(response).toEqual({
      status: 201,
      headers: {
        "content-type": "application/json",
        "x-count": "3",
        "set-cookie": ["a=1; HttpOnly", "b=2"],
      },
      body: Buffer.from('{"ok":true}'),
    });
  });

  it("decodes a base64 body", () => {
    const bytes = Buffer.from([0, 255, 128]);
    const body = bytes.toString("base64");
    expect(responseTo({ statusCode: 200, body, isBase64Encoded: true }).body).toEqual(bytes);
  });

  it.each([
    [{ hello: "world" }, '{"hello":"world"}'],
    ["plain words", "plain words"],
    [[1, 2], "[1,2]"],
    [null, "null"],
  ])("makes %j a body of its own", (value, body) => {
    const response = responseTo(value);
    expect(response.status).toBe(200);
    expect(response.headers["content-type"]).toBe("application/json");
    expect(response.body.toString()).toBe(body);
  });

  it.each([
    [{ statusCode: "teapot" }],
    [{ statusCode: 200, body: { not: "a string" } }],
    [{ statusCode: 200, cookies: "a=1" }],
  ])("answers 500 for %j", (value) => {
    expect(responseTo(value)).toMatchObject({ status: 500 });
  });

  it("tells nothing about why a function failed", () => {
    const payload = Buffer.from('{"errorMessage":"secret detail"}');
    const response = toHttpResponse({ functionError: "Unhandled", payload });
    expect(response.status).toBe(500);
    expect(response.body.toString()).toBe('{"message":"Internal Server Error"}');
  });
});
