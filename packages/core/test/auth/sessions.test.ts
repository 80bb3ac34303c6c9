import { createWorld } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { createSession, endSession, findSession, sessionLifetimeMs } from "../../src/auth/index.ts";

describe("a session", () => {
  it("names its user until it expires", async () => {
    const { deps, clock } = createWorld();
    const value = await createSession(deps, "user-1");
    await clock.advance(sessionLifetimeMs - 1);
    expect(await findSession(deps, value)).toEqual({ userId: "user-1" });

    await clock.advance(1);
    await expect(findSession(deps, value)).rejects.toMatchObject({
      kind: "unauthenticated",
      code: "session_expired",
    });
  });

  it("is 256 random bits of which the table knows only a hash", async () => {
    const { deps } = createWorld();
    const value = await createSession(deps, "user-1");
    expect(Buffer.from(value, "base64url")).toHaveLength(32);
    expect(JSON.stringify(deps.table.rows())).not.toContain(value);
    expect(deps.table.rows()[0]?.expiresAt).toBe((deps.clock.nowMs() + sessionLifetimeMs) / 1000);
  });

  it.each([undefined, ""])("is missing without a cookie (%o)", async (value) => {
    await expect(findSession(createWorld().deps, value)).rejects.toMatchObject({
      kind: "unauthenticated",
      code: "session_missing",
    });
  });

  it("ends with the logout, alone, and a second logout is harmless", async () => {
    const { deps } = createWorld();
    const [one, other] = [await createSession(deps, "user-1"), await createSession(deps, "user-1")];
    await endSession(deps, one);
    await endSession(deps, one);
    await endSession(deps, "made-up");

    await expect(findSession(deps, one)).rejects.toMatchObject({ code: "session_expired" });
    expect(await findSession(deps, other)).toEqual({ userId: "user-1" });
  });
});
