import { describe, expect, it } from "vitest";
import { readHead, writeHead } from "../../src/wire/head.ts";

const headOf = (...lines: string[]) => readHead(["HTTP/1.1 206 Partial", ...lines].join("\r\n"));

describe("writeHead", () => {
  it("asks for the path and the query, and names the host with its port", () => {
    const url = new URL("http://[::1]:8080/a%20b/?x=1&y=%2F#fragment");
    expect(writeHead("PUT", url, { "content-length": "5" }).toString()).toBe(
      "PUT /a%20b/?x=1&y=%2F HTTP/1.1\r\nhost: [::1]:8080\r\ncontent-length: 5\r\n\r\n",
    );
  });

  it.each([
    ["a value with a line of its own", { etag: "x\r\nhost: evil" }],
    ["a value with half a line's end", { etag: "x\ny" }],
    ["a value beyond Latin-1", { etag: "\u010d\u010a" }],
    ["a name with a colon", { "etag: x\r\nevil": "y" }],
    ["no name", { "": "y" }],
  ])("refuses %s", (_what, headers) => {
    expect(() => writeHead("GET", new URL("http://x/"), headers)).toThrow("is one line");
  });
});

describe("readHead", () => {
  it("knows a header by its lower-case name, without the spaces around its value", () => {
    const { status, headers, bodyBytes, isKeptAlive } = headOf("Content-LENGTH: \t 12 \t", "A:b");
    expect({ status, bodyBytes, isKeptAlive }).toEqual({
      status: 206,
      bodyBytes: 12,
      isKeptAlive: true,
    });
    expect(headers.get("a")).toBe("b");
  });

  it.each([
    "HTTP/1.1 20 OK",
    "HTTP/1.1 2000 OK",
    "HTTP/1.1 600 OK",
    "HTTP/2 200 OK",
    "HTTP/1.1  200 OK",
    "http/1.1 200 OK",
    " HTTP/1.1 200 OK",
    "HTTP/1.1 200 O\nK",
    "",
    "SSH-2.0-OpenSSH",
  ])("refuses the status line %j", (line) => {
    expect(() => readHead(line)).toThrow(expect.objectContaining({ code: "WIRE_PROTOCOL" }));
  });

  it.each([
    "content-length : 5",
    " content-length: 5",
    "\tfolded",
    "no colon",
    ": no name",
    "a: b\nc: d",
    "a: b\rc: d",
    "a: \0",
    "",
  ])("refuses the header %j", (line) => {
    expect(() => headOf("x: y", line)).toThrow(expect.objectContaining({ code: "WIRE_PROTOCOL" }));
  });

  it.each([["5, 5"], ["-1"], ["+5"], ["0x5"], ["5.0"], ["1e3"], [""], ["9".repeat(16)]])(
    "refuses the length %j",
    (length) => {
      expect(() => headOf(`content-length: ${length}`)).toThrow("content-length");
    },
  );

  it("refuses two lengths, the same or not", () => {
    expect(() => headOf("content-length: 5", "content-length: 5")).toThrow("content-length");
    expect(() => headOf("content-length: 5", "Content-Length: 6")).toThrow("content-length");
  });

  it("counts no bytes of a body with a coding, whatever length it also names, and keeps no such connection", () => {
    expect(headOf("content-length: 5", "transfer-encoding: chunked")).toMatchObject({
      bodyBytes: null,
      isKeptAlive: false,
    });
    const line = "HTTP/1.1 204 No\r\ntransfer-encoding: chunked";
    expect(readHead(line)).toMatchObject({ bodyBytes: 0, isKeptAlive: false });
  });

  it.each([100, 103, 204, 304])("expects no body of %i, whatever length it names", (status) => {
    expect(readHead(`HTTP/1.1 ${status}\r\ncontent-length: 5`).bodyBytes).toBe(0);
  });

  it("does not know where a body without a length ends", () => {
    expect(headOf("etag: x").bodyBytes).toBeNull();
  });

  it.each([
    ["HTTP/1.0 200 OK", false],
    ["HTTP/1.0 200 OK\r\nconnection: keep-alive", false],
    ["HTTP/1.1 200 OK\r\nconnection: Close", false],
    ["HTTP/1.1 200 OK\r\nconnection: x ,\tclose", false],
    ["HTTP/1.1 200 OK\r\nconnection: x\r\nconnection: close", false],
    ["HTTP/1.1 200 OK\r\nconnection: keep-alive", true],
    ["HTTP/1.1 200 OK\r\nconnection: closed", true],
  ])("tells from %j whether the connection stays: %s", (head, isKeptAlive) => {
    expect(readHead(head).isKeptAlive).toBe(isKeptAlive);
  });
});
