import { describe, expect, it } from "vitest";
import { payloadBytesMax } from "../../src/lambda/limits.ts";
import { startFixture } from "./fixture.ts";

const obedient = `export const handler = async (event) => {
  if (event.hang) console.log("hanging");
  if (event.hang) await new Promise(() => setInterval(() => {}, 1000));
  if (event.spin) for (;;);
  if (event.exit !== undefined) process.exit(event.exit);
  if (event.grow) { globalThis.kept = []; for (;;) {
    globalThis.kept.push(Buffer.alloc(8 * 1024 * 1024, 1));
    await new Promise((resolve) => setTimeout(resolve, 1));
  } }
  if (event.reject) { Promise.reject(new Error("nobody listens")); await new Promise(() => {}); }
  if (event.answerBytes) return "x".repeat(event.answerBytes - 2);
  return { pid: process.pid };
};`;

describe("a failing invocation", () => {
  it("is killed when its time is over, and the next one runs in a new process", async () => {
    const { call, functions } = await startFixture({
      Slow: { source: obedient, spec: { timeoutSeconds: 1 } },
    });
    for (const event of [{ hang: true }, { spin: true }]) {
      const { error, value } = await call("Slow", event);
      expect(error).toBe("Unhandled");
      expect(value).toMatchObject({
        errorType: "Sandbox.Timedout",
        errorMessage: expect.stringContaining("Task timed out after 1.00 seconds"),
      });
    }
    expect((await call("Slow")).error).toBeNull();
    expect(functions.stats("Slow")).toMatchObject({ timeouts: 2, errors: 2, coldStarts: 3 });
  });

  it("is killed when its resident set outgrows its memory", async () => {
    const { call, functions, lines } = await startFixture({
      Big: { source: obedient, spec: { memoryMb: 160 } },
    });
    const { error, value } = await call("Big", { grow: true });
    expect(error).toBe("Unhandled");
    expect(value).toMatchObject({
      errorType: "Runtime.ExitError",
      errorMessage: expect.stringContaining("Runtime exited with error: signal: killed"),
    });
    expect(functions.stats("Big").peakRssBytes).toBeGreaterThan(160 * 1024 * 1024);
    expect(lines.some((line) => /killed: \d+ MB used, the function has 160 MB/.test(line))).toBe(
      true,
    );
  });

  it.each([
    [3, "Runtime exited with error: exit status 3"],
    [0, "Runtime exited without providing a reason"],
  ])("answers ExitError when the process exits with %i", async (exit, message) => {
    const { call } = await startFixture({ Crash: obedient });
    const { error, value } = await call("Crash", { exit });
    expect(error).toBe("Unhandled");
    expect(value).toMatchObject({ errorMessage: expect.stringContaining(message) });
  });

  it("leaves its neighbours alone", async () => {
    const { call } = await startFixture({ Crash: obedient });
    const [crashed, fine] = await Promise.all([call("Crash", { exit: 1 }), call("Crash")]);
    expect(crashed.error).toBe("Unhandled");
    expect(fine.error).toBeNull();
  });

  it("reports a rejection that nobody handles, and starts anew", async () => {
    const { call, functions } = await startFixture({ Crash: obedient });
    const { value } = await call("Crash", { reject: true });
    expect(value).toMatchObject({
      errorType: "Runtime.UnhandledPromiseRejection",
      errorMessage: "nobody listens",
    });
    expect((await call("Crash")).error).toBeNull();
    expect(functions.stats("Crash").coldStarts).toBe(2);
  });

  it("fails with ExitError when its function is killed from outside", async () => {
    const { call, functions, lines } = await startFixture({ Victim: obedient });
    const pending = call("Victim", { hang: true });
    await expect.poll(() => lines).toContain("Victim hanging");
    expect(functions.kill("Victim")).toBe(1);
    expect((await pending).value).toMatchObject({ errorType: "Runtime.ExitError" });
    expect((await call("Victim")).error).toBeNull();
  });
});

describe("a function that cannot be loaded", () => {
  it.each([
    ["throws", `throw new TypeError("no such setting");`, "TypeError", "no such setting"],
    ["has no handler", "export const other = 1;", "Runtime.HandlerNotFound", "bundle.handler"],
  ])("answers what init failed with when it %s", async (_, source, errorType, message) => {
    const { call, functions } = await startFixture({ Broken: source });
    const { error, value } = await call("Broken");
    expect(error).toBe("Unhandled");
    expect(value).toMatchObject({ errorType, errorMessage: expect.stringContaining(message) });
    expect(functions.stats("Broken").running).toBe(0);
  });
});

describe("payloads", () => {
  it("refuses an event above 6 MB before the function sees it", async () => {
    const { functions } = await startFixture({ Echo: obedient });
    await expect(
      functions.invoke("Echo", Buffer.alloc(payloadBytesMax + 1, "1")),
    ).rejects.toMatchObject({ code: "RequestTooLargeException" });
    expect(functions.stats("Echo").coldStarts).toBe(0);
  });

  it("takes an answer of just 6 MB, and turns a bigger one into an error", async () => {
    const { call } = await startFixture({ Echo: obedient });
    expect((await call("Echo", { answerBytes: payloadBytesMax })).error).toBeNull();
    const { error, value } = await call("Echo", { answerBytes: payloadBytesMax + 1 });
    expect(error).toBe("Unhandled");
    expect(value).toMatchObject({ errorType: "Function.ResponseSizeTooLarge" });
    expect((await call("Echo")).error).toBeNull();
  });
});
