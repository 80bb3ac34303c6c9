import { createHash } from "node:crypto";
import { createWorld, type World } from "@clipcast/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import { finishLogin } from "../../src/auth/index.ts";
import { challengeOf } from "../../src/auth/login.ts";
import { withTikTok } from "../faults.ts";
import { begun, callback } from "./logins.ts";

let world: World;
beforeEach(() => {
  world = createWorld();
});

describe("the state of a login", () => {
  it.each([undefined, ""])("must be there (%o)", async (state) => {
    const { browser } = await begun(world.deps);
    const finish = finishLogin(world.deps, { callback: callback(state), browser });
    await expect(finish).rejects.toMatchObject({ name: "LoginRefused", code: "state_missing" });
  });

  it("must be one of ours", async () => {
    const { browser } = await begun(world.deps);
    const finish = finishLogin(world.deps, { callback: callback("made-up"), browser });
    await expect(finish).rejects.toMatchObject({ code: "state_unknown", returnTo: "/" });
  });

  it("works once", async () => {
    const { state, browser } = await begun(world.deps);
    await finishLogin(world.deps, { callback: callback(state), browser });
    const replay = finishLogin(world.deps, { callback: callback(state), browser });
    await expect(replay).rejects.toMatchObject({ code: "state_unknown" });
  });

  it("lets one of two racing callbacks through", async () => {
    const { state, browser } = await begun(world.deps);
    const results = await Promise.allSettled([
      finishLogin(world.deps, { callback: callback(state), browser }),
      finishLogin(world.deps, { callback: callback(state), browser }),
    ]);
    expect(results.map((result) => result.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(results.find((result) => result.status === "rejected")).toMatchObject({
      reason: { code: "state_unknown" },
    });
  });

  it("dies after ten minutes", async () => {
    const [early, late] = [await begun(world.deps), await begun(world.deps)];
    await world.clock.advance(599_999);
    await finishLogin(world.deps, { callback: callback(early.state), browser: early.browser });
    await world.clock.advance(1);
    const finish = finishLogin(world.deps, {
      callback: callback(late.state),
      browser: late.browser,
    });
    await expect(finish).rejects.toMatchObject({ code: "state_expired" });
  });

  it("belongs to one browser, and another one cannot spend it", async () => {
    const { state, browser } = await begun(world.deps);
    const victim = await begun(world.deps);
    for (const foreign of [undefined, "", victim.browser]) {
      const finish = finishLogin(world.deps, { callback: callback(state), browser: foreign });
      await expect(finish).rejects.toMatchObject({ code: "state_foreign" });
    }
    await finishLogin(world.deps, { callback: callback(state), browser });
  });

  it("is spent before the code is exchanged", async () => {
    const { state, browser } = await begun(world.deps);
    let rowsAtExchange = -1;
    const deps = withTikTok(world, {
      exchangeCode: async (code, verifier) => {
        rowsAtExchange = world.deps.table.rows().length;
        return world.deps.tiktok.exchangeCode(code, verifier);
      },
    });
    await finishLogin(deps, { callback: callback(state), browser });
    expect(rowsAtExchange).toBe(0);
  });

  it("is verified before an error in the callback is believed", async () => {
    const { browser } = await begun(world.deps);
    const finish = finishLogin(world.deps, {
      callback: callback("made-up", { error: "access_denied" }),
      browser,
    });
    await expect(finish).rejects.toMatchObject({ code: "state_unknown" });
  });
});

describe("PKCE", () => {
  it("uses TikTok's challenge: lower-case hex of the verifier's SHA-256", () => {
    // The test vector of the fact sheet, section 1.2.
    expect(challengeOf("oQ3-vEr1f1er_for~docs.0123456789abcdefghijKLMNOP")).toBe(
      "288b2112cd8b643418eb3f4da98e6f1642c923dc69ae206721efec16b64996ee",
    );
  });

  it("sends a challenge and later the verifier that belongs to it", async () => {
    let challenge: string | null = null;
    let verifier: string | null = null;
    const deps = withTikTok(world, {
      authorizeUrl: (options) => {
        challenge = options.codeChallenge;
        return world.deps.tiktok.authorizeUrl(options);
      },
      exchangeCode: (code, given) => {
        verifier = given;
        return world.deps.tiktok.exchangeCode(code, given);
      },
    });
    const { state, browser } = await begun(deps, { usesPkce: true });
    await finishLogin(deps, { callback: callback(state), browser });
    expect(verifier).toMatch(/^[A-Za-z0-9\-._~]{43,128}$/);
    expect(challenge).toBe(createHash("sha256").update(String(verifier)).digest("hex"));
  });

  it("is left out where the app does not use it", async () => {
    const given: unknown[] = [];
    const deps = withTikTok(world, {
      authorizeUrl: (options) => {
        given.push(options.codeChallenge);
        return world.deps.tiktok.authorizeUrl(options);
      },
      exchangeCode: (code, verifier) => {
        given.push(verifier);
        return world.deps.tiktok.exchangeCode(code, verifier);
      },
    });
    const { state, browser } = await begun(deps);
    await finishLogin(deps, { callback: callback(state), browser });
    expect(given).toEqual([null, null]);
  });
});
