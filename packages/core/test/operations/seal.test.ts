import { createWorld, userId, type World } from "@clipcast/core/testing";
import { describe, expect, it } from "vitest";
import { accountSchema, openPair } from "../../src/auth/accounts.ts";
import { refreshAccount } from "../../src/auth/index.ts";
import { FatalError } from "../../src/errors/index.ts";
import { type Resealer, resealAll, type TableScanner } from "../../src/operations/index.ts";
import { relay } from "../../src/publishing/index.ts";
import type { Sealer } from "../../src/system/index.ts";
import type { Key } from "../../src/table/index.ts";
import { dying, forEveryFault } from "../faults.ts";
import { queued, tamper } from "../publishing/journey.ts";

/** Scans as DynamoDB does: in one order of all keys, a page at a time. */
function scannerOf(world: World, pageRows: number): TableScanner {
  return {
    async page({ after }) {
      const keys = world.deps.table
        .rows()
        .map(({ pk, sk }) => ({ pk, sk }))
        .sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))
        .filter((key) => after === null || nameOf(key) > nameOf(after));
      const page = keys.slice(0, pageRows);
      return { keys: page, next: page.length < keys.length ? (page.at(-1) ?? null) : null };
    },
  };
}
const nameOf = ({ pk, sk }: Key) => `${pk} ${sk}`;

/** Marks what it sealed, and opens with and without the mark: two materials of one key. */
function rotating(world: World) {
  const { sealer } = world.deps;
  const resealer: Resealer = {
    async reseal(sealed, context) {
      const plaintext = await sealer.open(sealed.replace("new:", ""), context);
      return `new:${await sealer.seal(plaintext, context)}`;
    },
  };
  const both: Sealer = {
    seal: sealer.seal,
    open: (sealed, context) => sealer.open(sealed.replace("new:", ""), context),
  };
  return { resealer, both };
}

const quiet = { isFresh: false, onProgress: () => undefined, onUnsealable: () => undefined };

async function worldOf(accounts: number) {
  const world = createWorld();
  for (let n = 0; n < accounts; n += 1) await world.connect(`user-${n}`, `account-${n}`);
  const { resealer, both } = rotating(world);
  const deps = { ...world.deps, resealer, scanner: scannerOf(world, 5) };
  return { world, deps, both };
}

const accountsIn = (world: World) =>
  world.deps.table
    .rows()
    .filter(({ sk }) => sk.startsWith("ACCOUNT#"))
    .map(({ data }) => accountSchema.parse(data));

describe("resealAll", () => {
  it("seals every account's tokens anew, and each still opens to the same pair", async () => {
    const { world, deps, both } = await worldOf(9);
    const before = await Promise.all(accountsIn(world).map((one) => openPair(world.deps, one)));
    const progress: number[] = [];
    const done = await resealAll(deps, { ...quiet, onProgress: ({ rows }) => progress.push(rows) });
    expect(done).toMatchObject({ accounts: 9, unsealable: 0, after: null });
    expect(done.finishedAtMs).toBe(world.clock.nowMs());
    expect(progress.length).toBeGreaterThan(3);
    const accounts = accountsIn(world);
    expect(accounts.every(({ sealedTokens }) => sealedTokens.startsWith("new:"))).toBe(true);
    const after = await Promise.all(accounts.map((one) => openPair({ sealer: both }, one)));
    expect(after).toEqual(before);
  });

  it("goes on where an interrupted run stopped", async () => {
    const { world, deps } = await worldOf(12);
    const stopped = new Error("the operator pressed Ctrl-C");
    let pages = 0;
    const onProgress = () => {
      pages += 1;
      if (pages === 2) throw stopped;
    };
    await expect(resealAll(deps, { ...quiet, onProgress })).rejects.toBe(stopped);
    const seen: (Key | null)[] = [];
    const scanner: TableScanner = {
      page: (options) => {
        seen.push(options.after);
        return deps.scanner.page(options);
      },
    };
    const done = await resealAll({ ...deps, scanner }, quiet);
    expect(seen[0]).not.toBeNull();
    expect(done.accounts).toBe(12);
    expect(accountsIn(world).every(({ sealedTokens }) => sealedTokens.startsWith("new:"))).toBe(
      true,
    );
  });

  it("begins anew after a finished run, and when told to", async () => {
    const { deps } = await worldOf(3);
    await resealAll(deps, quiet);
    expect((await resealAll(deps, quiet)).accounts).toBe(3);
    const stop = () => {
      throw new Error("stop");
    };
    await expect(resealAll(deps, { ...quiet, onProgress: stop })).rejects.toThrow("stop");
    const rows = (await resealAll(deps, { ...quiet, isFresh: true })).rows;
    expect(rows).toBe((await resealAll(deps, quiet)).rows);
  });

  it("never writes an older pair over one that is refreshed at the same moment", async () => {
    const { world, deps, both } = await worldOf(1);
    const owner = { userId: "user-0", openId: "account-0" };
    let isFirst = true;
    const resealer: Resealer = {
      async reseal(sealed, context) {
        const anew = await deps.resealer.reseal(sealed, context);
        // TikTok kills the old pair while KMS is at work.
        if (isFirst) await world.clock.run(refreshAccount(world.deps, owner));
        isFirst = false;
        return anew;
      },
    };
    expect(await resealAll({ ...deps, resealer }, quiet)).toMatchObject({ accounts: 1 });
    const [account] = accountsIn(world);
    expect(account?.sealedTokens).toMatch(/^new:/);
    expect(account && (await openPair({ sealer: both }, account))).toEqual({
      accessToken: "act.account-0.2",
      refreshToken: "rft.account-0.2",
    });
  });

  it("leaves out an account that goes meanwhile, and tells of tokens that no key opens", async () => {
    const { world, deps } = await worldOf(3);
    const resealer: Resealer = {
      async reseal(sealed, context) {
        if (context.openId === "account-1") throw new FatalError("unsealable", "No key.");
        return deps.resealer.reseal(sealed, context);
      },
    };
    const scanner: TableScanner = {
      async page(options) {
        const page = await deps.scanner.page({ ...options, limit: 500 });
        return { ...page, keys: [...page.keys, { pk: "USER#gone", sk: "ACCOUNT#gone" }] };
      },
    };
    const told: Key[] = [];
    const onUnsealable = (key: Key) => void told.push(key);
    const done = await resealAll({ ...deps, resealer, scanner }, { ...quiet, onUnsealable });
    expect(done).toMatchObject({ accounts: 2, unsealable: 1 });
    expect(told).toEqual([{ pk: "USER#user-1", sk: "ACCOUNT#account-1" }]);
    expect(accountsIn(world)).toHaveLength(3);
  });

  it("stops when KMS does not answer, so that nothing is passed over", async () => {
    const { deps } = await worldOf(1);
    const resealer: Resealer = { reseal: () => Promise.reject(new Error("AccessDenied")) };
    await expect(resealAll({ ...deps, resealer }, quiet)).rejects.toThrow("AccessDenied");
    expect(await resealAll(deps, quiet)).toMatchObject({ accounts: 1 });
  });

  it("lets only one run be at work", async () => {
    const { deps } = await worldOf(9);
    const runs = await Promise.allSettled([resealAll(deps, quiet), resealAll(deps, quiet)]);
    const failed = runs.filter((run) => run.status === "rejected");
    expect(failed).toMatchObject([{ reason: { code: "reseal_busy" } }]);
  });

  it("seals a living upload URL anew", async () => {
    const { world, id } = await queued();
    world.deps.relayQueue.take();
    world.tiktok.chunkScript.push(
      ...Array.from({ length: 4 }, () => ({ type: "unknown" as const, reason: "502" })),
    );
    await world.relay(id);
    const old = (await world.get(id)).task?.sealedUploadUrl;
    const { resealer, both } = rotating(world);
    const deps = { ...world.deps, resealer, scanner: scannerOf(world, 500) };
    expect(await resealAll(deps, quiet)).toMatchObject({ accounts: 1, uploads: 1 });
    const anew = (await world.get(id)).task?.sealedUploadUrl ?? "";
    expect(anew).not.toBe(old);
    expect(await both.open(anew, { userId, publicationId: id })).toContain("upload.invalid");
  });

  it("is not undone by a relay that asks TikTok in the same moment", async () => {
    const journey = await queued();
    const { world, id } = journey;
    world.deps.relayQueue.take();
    for (let n = 0; n < 4; n += 1)
      world.tiktok.chunkScript.push({ type: "unknown", reason: "502" });
    await world.relay(id);
    // Its relay has died, so that the next one has to ask how far the task came.
    const lease = { owner: "dead", expiresAtMs: world.clock.nowMs() - 1 };
    await tamper(journey, (publication) => ({ ...publication, waiting: null, lease }));
    const { resealer, both } = rotating(world);
    const scanner = scannerOf(world, 500);
    const tiktok: typeof world.deps.tiktok = {
      ...world.deps.tiktok,
      async status(token, publishId) {
        await resealAll({ ...world.deps, resealer, scanner }, quiet);
        return world.deps.tiktok.status(token, publishId);
      },
    };
    const deps = { ...world.deps, tiktok, sealer: both };
    const deadlineMs = world.clock.nowMs() + 900_000;
    const input = { userId, publicationId: id, owner: "relay-2", deadlineMs };
    expect(await world.clock.run(relay(deps, input))).toBe("delivered");
    expect((await world.get(id)).task?.sealedUploadUrl).toMatch(/^new:/);
  });

  it("leaves every pair whole, whenever its process dies, and ends when it is run again", async () => {
    const crashes = await forEveryFault(async (fault) => {
      const { world, deps, both } = await worldOf(2);
      const mortal = dying(deps, fault);
      await resealAll(mortal, quiet).catch(() => undefined);
      for (const account of accountsIn(world)) {
        expect(await openPair({ sealer: both }, account)).toMatchObject({
          accessToken: `act.${account.openId}.1`,
        });
      }
      await resealAll(deps, quiet);
      expect(accountsIn(world).every(({ sealedTokens }) => /^new:/.test(sealedTokens))).toBe(true);
      return mortal.hasDied();
    });
    expect(crashes).toBeGreaterThan(10);
  });
});
