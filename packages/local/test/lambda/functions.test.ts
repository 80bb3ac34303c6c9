import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { idleMs } from "../../src/lambda/pool.ts";
import { startFixture } from "./fixture.ts";

const counter = `
  let calls = 0;
  export const handler = async () => ({ calls: ++calls, pid: process.pid });
`;

describe("environments", () => {
  it("serves later invocations from the same process", async () => {
    const { call, functions } = await startFixture({ Counter: counter });
    const first = (await call("Counter")).value as { calls: number; pid: number };
    const second = (await call("Counter")).value as { calls: number; pid: number };
    expect(second).toEqual({ calls: 2, pid: first.pid });
    expect(functions.stats("Counter")).toMatchObject({ invocations: 2, coldStarts: 1, running: 1 });
    expect(functions.stats("Counter").peakRssBytes).toBeGreaterThan(10 * 1024 * 1024);
  });

  it("gives concurrent invocations a process each", async () => {
    const { call, functions } = await startFixture({ Counter: counter });
    const answers = await Promise.all([call("Counter"), call("Counter")]);
    const pids = answers.map((answer) => (answer.value as { pid: number }).pid);
    expect(new Set(pids).size).toBe(2);
    expect(functions.stats("Counter").coldStarts).toBe(2);
  });

  it("starts nothing before the first invocation", async () => {
    const { functions } = await startFixture({ Counter: counter });
    expect(functions.stats("Counter")).toMatchObject({ coldStarts: 0, running: 0 });
  });

  it("refuses what exceeds the reserved concurrency, and only that", async () => {
    const { call, functions } = await startFixture({
      Counter: { source: counter, spec: { reservedConcurrency: 1 } },
    });
    const first = call("Counter");
    await expect(call("Counter")).rejects.toMatchObject({ code: "TooManyRequestsException" });
    expect((await first).error).toBeNull();
    expect((await call("Counter")).value).toMatchObject({ calls: 2 });
    expect(functions.stats("Counter").throttles).toBe(1);
  });

  it("ends a process that has been idle for long", async () => {
    const reaps: { task: () => void; delayMs: number }[] = [];
    const { call, functions } = await startFixture(
      { Counter: counter },
      {
        setTimer: (task, delayMs) => {
          const entry = { task, delayMs };
          reaps.push(entry);
          return () => void reaps.splice(reaps.indexOf(entry), 1);
        },
      },
    );
    await call("Counter");
    await call("Counter");
    expect(reaps.map((reap) => reap.delayMs)).toEqual([idleMs]);
    reaps[0]?.task();
    expect((await call("Counter")).value).toMatchObject({ calls: 1 });
    expect(functions.stats("Counter").coldStarts).toBe(2);
  });

  it("leaves no process after close", async () => {
    const { call, functions } = await startFixture({ Counter: counter });
    const { pid } = (await call("Counter")).value as { pid: number };
    await functions.close();
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    await expect(call("Counter")).rejects.toMatchObject({ code: "ServiceException" });
  });
});

describe("what a function sees", () => {
  it("has Lambda's variables and its own, and nothing of the host's environment", async () => {
    process.env.CLIPCAST_TEST_SECRET = "of the host";
    const { call } = await startFixture(
      {
        Env: {
          source: "export const handler = async () => process.env;",
          spec: { environment: { LEVEL: "debug" }, memoryMb: 512 },
        },
      },
      { variables: { SST_RESOURCE_Table: '{"name":"t"}' } },
    );
    const { value } = await call("Env");
    delete process.env.CLIPCAST_TEST_SECRET;
    expect(value).toMatchObject({
      AWS_LAMBDA_FUNCTION_NAME: "Env",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
      AWS_REGION: "us-east-1",
      _HANDLER: "bundle.handler",
      LEVEL: "debug",
      SST_RESOURCE_Table: '{"name":"t"}',
      PATH: process.env.PATH,
    });
    expect(value).not.toHaveProperty("CLIPCAST_TEST_SECRET");
    expect(value).not.toHaveProperty("HOME");
  });

  it("has a context with its name, its memory and its remaining time", async () => {
    const { call } = await startFixture({
      Context: {
        source: `export const handler = async (event, context) => ({
          event, ...context, remainingMs: context.getRemainingTimeInMillis() });`,
        spec: { timeoutSeconds: 7, memoryMb: 256 },
      },
    });
    const { value } = await call("Context", { hello: "wörld" });
    expect(value).toMatchObject({
      event: { hello: "wörld" },
      functionName: "Context",
      memoryLimitInMB: "256",
      invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:Context",
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const { remainingMs } = value as { remainingMs: number };
    expect(remainingMs).toBeGreaterThan(0);
    expect(remainingMs).toBeLessThanOrEqual(7000);
  });

  it("reports every line it prints, with the function's name, and the invocation's cost", async () => {
    const { call, lines } = await startFixture({
      Talk: `export const handler = async () => { console.log("one\\ntwo"); console.error("three"); };`,
    });
    expect((await call("Talk")).value).toBeNull();
    await expect
      .poll(() => lines)
      .toEqual(expect.arrayContaining(["Talk one", "Talk two", "Talk three"]));
    expect(lines.some((line) => /^Talk REPORT .*Max Memory Used: \d+ MB$/.test(line))).toBe(true);
  });

  it("points errors at the source, not at the bundle", async () => {
    const { call } = await startFixture({
      Throws: `\n\nexport const handler = async () => { throw new RangeError("too far"); };`,
    });
    const { error, value } = await call("Throws");
    expect(error).toBe("Unhandled");
    expect(value).toMatchObject({ errorType: "RangeError", errorMessage: "too far" });
    expect((value as { trace: string[] }).trace.join("\n")).toMatch(/Throws\.ts:3:/);
  });
});

describe("bundles", () => {
  it("names the function whose handler has no source", async () => {
    const { dir } = await startFixture({ Counter: counter });
    expect(existsSync(`${dir}/bundles/Counter/bundle.mjs.map`)).toBe(true);
    await expect(
      startFixture({ Gone: { source: counter, spec: { handler: "nowhere.handler" } } }),
    ).rejects.toThrow("Gone: no source for handler nowhere.handler");
  });
});
