/**
 * A whole system in memory: every port faked, one clock, and hands to play creator, queue and poller with.
 */
import { createHash } from "node:crypto";
import { claimAccount, storeLogin } from "../auth/accounts.ts";
import { assert } from "../errors/index.ts";
import type { PostSettings } from "../post/index.ts";
import { loadPublication, type Publication } from "../publications/index.ts";
import {
  check,
  parseCheckMessage,
  parseRelayMessage,
  poll,
  type RelayResult,
  relay,
  sendRelay,
} from "../publishing/index.ts";
import { begin, complete, partRange } from "../uploads/index.ts";
import { createManualClock } from "./clock.ts";
import { createMemoryQueue } from "./queue.ts";
import { crc32Of, createMemoryStorage } from "./storage.ts";
import { createFakeSealer, createRecordingLog, createSeededRandom } from "./system.ts";
import { createMemoryTable } from "./table.ts";
import { createFakeTikTok } from "./tiktok.ts";

/** A Lambda invocation's longest life, which the relay is given. */
const invocationMs = 900_000;

export const userId = "user-1";
export const openId = "-000creator";

export const publicPost: PostSettings = {
  mode: "direct",
  title: "Harbour at dawn #sea",
  privacyLevel: "PUBLIC_TO_EVERYONE",
  allowComment: true,
  allowDuet: false,
  allowStitch: false,
  disclosure: { yourBrand: false, brandedContent: false },
  isAiGenerated: false,
};

export type World = ReturnType<typeof createWorld>;

export function createWorld(options: { seed?: number; maxFileBytes?: number } = {}) {
  const clock = createManualClock();
  const tiktok = createFakeTikTok({ clock });
  const storage = createMemoryStorage();
  const deps = {
    clock,
    random: createSeededRandom(options.seed ?? 1),
    log: createRecordingLog(),
    table: createMemoryTable(),
    storage,
    ranges: storage,
    relayQueue: createMemoryQueue({ clock }),
    checkQueue: createMemoryQueue({ clock }),
    sealer: createFakeSealer(),
    tiktok: tiktok.api,
    sendChunk: tiktok.sendChunk,
    settings: { maxFileBytes: options.maxFileBytes ?? 4_294_967_296 },
  };
  const world = {
    deps,
    clock,
    tiktok,
    /** Connects the account as a login would. */
    async connect(user = userId, account = openId): Promise<void> {
      await claimAccount(deps, { openId: account, userId: user, newUserId: user });
      const pair = await deps.tiktok.exchangeCode(`code-${account}`, null);
      await storeLogin(deps, { userId: user, pair, displayName: "Demo Creator" });
    },
    begin: (bytes: Buffer, post: PostSettings = publicPost) =>
      begin(deps, {
        userId,
        openId,
        file: { name: "harbour.mp4", bytes: bytes.length, contentType: "video/mp4" },
        post,
        consentTextVersion: "2026-11",
        idempotencyKey: null,
      }),
    /** Uploads every part and completes: the publication is queued. */
    async upload(bytes: Buffer, post: PostSettings = publicPost): Promise<Publication> {
      const { value } = await world.begin(bytes, post);
      await putParts(deps, value, bytes);
      const sendNow = (publication: Publication) => sendRelay(deps, publication);
      const ids = { userId, publicationId: value.id };
      return (await complete({ ...deps, sendRelay: sendNow }, ids)).publication;
    },
    async get(publicationId: string): Promise<Publication> {
      const stored = await loadPublication(deps, { userId, publicationId });
      assert(stored, "the publication is stored");
      return stored.value;
    },
    /** One relay invocation, time passing as it waits. */
    relay: (publicationId: string, owner = "relay-1"): Promise<RelayResult> => {
      const deadlineMs = clock.nowMs() + invocationMs;
      return clock.run(relay(deps, { userId, publicationId, owner, deadlineMs }));
    },
    poll: () => clock.run(poll(deps, { deadlineMs: clock.nowMs() + 55_000 })),
    /** Delivers every visible message once. Answers what the relays said. */
    async deliver(): Promise<RelayResult[]> {
      const results: RelayResult[] = [];
      for (const { body } of deps.relayQueue.take()) {
        results.push(await world.relay(parseRelayMessage(body).publicationId));
      }
      for (const { body } of deps.checkQueue.take()) {
        await clock.run(check(deps, parseCheckMessage(body)));
      }
      return results;
    },
  };
  return world;
}

async function putParts(
  deps: { storage: ReturnType<typeof createMemoryStorage> },
  { upload, file }: Publication,
  bytes: Buffer,
): Promise<void> {
  const { key, uploadId, partCount } = upload;
  assert(uploadId, "the upload is open");
  for (let partNumber = 1; partNumber <= partCount; partNumber += 1) {
    const range = partRange({ ...upload, bytes: file.bytes }, partNumber);
    const part = bytes.subarray(range.firstByte, range.firstByte + range.bytes);
    const put = await deps.storage.signPart({
      key,
      uploadId,
      partNumber,
      bytes: range.bytes,
      crc32: crc32Of(part),
      expiresInSeconds: 900,
    });
    await deps.storage.putPart(put, part);
  }
}

/** Bytes that are the same for the same seed, and cheap to make. */
export function videoBytes(count: number, seed = 1): Buffer {
  const block = createHash("sha512").update(String(seed)).digest();
  return Buffer.alloc(count, block);
}

export function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
