import { createWorld } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import {
  claimedUser,
  createSession,
  endSession,
  findSession,
  sessionLifetimeMs,
} from "../../src/auth/index.ts";
import { digest } from "../../src/system/index.ts";

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
    const [userId = "", random = ""] = value.split(".");
    expect(userId).toBe("user-1");
    expect(Buffer.from(random, "base64url")).toHaveLength(32);
    expect(JSON.stringify(deps.table.rows())).not.toContain(random);
    expect(deps.table.rows()[0]?.expiresAt).toBe((deps.clock.nowMs() + sessionLifetimeMs) / 1000);
  });

  it.each([undefined, ""])("is missing without a cookie (%o)", async (value) => {
    await expect(findSession(createWorld().deps, value)).rejects.toMatchObject({
      kind: "unauthenticated",
      code: "session_missing",
    });
  });

  it.each(["user-1", "user-1.", ".secret", "a.b.c", "", undefined])(
    "is claimed by nobody whose cookie is %o",
    (value) => {
      expect(claimedUser(value)).toBeNull();
    },
  );

  it("belongs to whom its row says, whatever a cookie claims", async () => {
    const { deps } = createWorld();
    const value = await createSession(deps, "user-1");
    expect(claimedUser(value)).toBe("user-1");
    const claim = value.replace("user-1", "user-2");
    expect(claimedUser(claim)).toBe("user-2");
    await expect(findSession(deps, claim)).rejects.toMatchObject({ code: "session_expired" });

    // Were it ever found under the hash of such a cookie, it would still be another's.
    const [row] = deps.table.rows();
    const pk = `SESSION#${digest(claim)}`;
    if (row) await deps.table.put({ ...row, pk }, 0);
    await expect(findSession(deps, claim)).rejects.toMatchObject({ code: "session_expired" });
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
