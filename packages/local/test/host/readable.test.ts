import { expect, it } from "vitest";
import { toReadable } from "../../src/host/readable.ts";

const shared = {
  level: "INFO",
  timestamp: "2026-11-22T12:00:00.000Z",
  service: "clipcast-publish",
  requestId: "8f507cfc",
};
const emf = (Metrics: { Name: string; Unit: string }[]) => ({
  Timestamp: 1,
  CloudWatchMetrics: [{ Namespace: "N", Dimensions: [["service", "stage"]], Metrics }],
});

it("shows an outcome as its event and what is its own", () => {
  const line = {
    ...shared,
    event: "relay",
    publicationId: "p1",
    result: "delivered",
    durationMs: 12_345,
  };
  expect(toReadable(JSON.stringify(line))).toBe(
    "relay           publicationId=p1  result=delivered  duration=12.3 s",
  );
});

it("folds a metric into the line that it belongs to", () => {
  const metrics = [
    { Name: "BytesRelayed", Unit: "Bytes" },
    { Name: "ChunkLatency", Unit: "Milliseconds" },
    { Name: "RelayRetries", Unit: "Count" },
  ];
  const values = { stage: "local", BytesRelayed: 62_900_000, ChunkLatency: 250, RelayRetries: 1 };
  const line = { ...shared, event: "chunk", outcome: "accepted", ...values, _aws: emf(metrics) };
  expect(toReadable(JSON.stringify(line))).toBe(
    "chunk           outcome=accepted  ▸ BytesRelayed 62.9 MB  ▸ ChunkLatency 250 ms  ▸ RelayRetries 1",
  );
});

it("marks trouble and keeps its stack readable", () => {
  const line = {
    ...shared,
    level: "ERROR",
    event: "message.failed",
    code: "E",
    stack: "E: no\n    at x",
  };
  expect(toReadable(JSON.stringify(line))).toBe(
    "! message.failed  code=E\n      E: no\n          at x",
  );
});

it.each(["START RequestId: 1", "{ broken", '{"message":"not ours"}', "", "null"])(
  "leaves `%s` as it is",
  (line) => {
    expect(toReadable(line)).toBe(line);
  },
);

it("passes nothing on that moves a terminal's cursor", () => {
  const line = { ...shared, event: "request", route: "GET /\u001b[2J" };
  expect(toReadable(JSON.stringify(line))).toBe("request         route=GET /");
});
