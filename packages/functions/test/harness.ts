/**
 * The API in process over the in-memory ports. It owns one world per test, the hands that play queue and poller, and
 * the proof that a refusal changed nothing. Callers come from browser.ts.
 */
import {
  check,
  parseCheckMessage,
  parseRelayMessage,
  poll,
  relay,
} from "@clipcast/core/publishing";
import { createWorld } from "@clipcast/core/testing";
import { expect } from "vitest";
import type { ApiDeps } from "../src/deps.ts";
import { createApp } from "../src/http/app.ts";
import { type Answer, type Browser, createBrowser } from "./browser.ts";

export const origin = "https://clipcast.example";
export const tiktokOrigin = "https://www.tiktok.example";

/** A Lambda invocation's longest life, which the relay is given. */
const invocationMs = 900_000;

export interface HarnessOptions {
  maxFileBytes?: number;
  usesPkce?: boolean;
}

export type Harness = ReturnType<typeof createHarness>;

export function createHarness(options: HarnessOptions = {}) {
  const world = createWorld();
  const { clock, tiktok } = world;
  const settings: ApiDeps["settings"] = {
    maxFileBytes: options.maxFileBytes ?? 4_294_967_296,
    isAudited: false,
    usesPkce: options.usesPkce ?? false,
  };
  const deps = { ...world.deps, settings, origin, tiktokOrigin, stage: "test" } satisfies ApiDeps;
  const app = createApp(deps);
  /** Everything that was ever answered, for tests that look for secrets. */
  const answers: Answer[] = [];

  const harness = {
    deps,
    app,
    clock,
    tiktok,
    answers,
    browser: (): Browser =>
      createBrowser({ origin, fetch: async (request) => app.request(request), answers }),
    /** One delivery of every visible relay message, time passing as the relay waits. */
    async deliverRelays(): Promise<void> {
      for (const { body } of deps.relayQueue.take()) {
        const deadlineMs = clock.nowMs() + invocationMs;
        const work = relay(deps, { ...parseRelayMessage(body), owner: "relay-1", deadlineMs });
        await clock.run(work);
      }
    },
    /** One delivery of every check message, however long its delay. */
    async deliverChecks(): Promise<void> {
      await clock.advance(invocationMs);
      for (const { body } of deps.checkQueue.take()) {
        await clock.run(check(deps, parseCheckMessage(body)));
      }
    },
    poll: () => clock.run(poll(deps, { deadlineMs: clock.nowMs() + 55_000 })),
  };
  return harness;
}

/** All that can be seen to change: rows, parts, objects, messages and TikTok's tasks. */
export async function snapshot({ deps, tiktok }: Harness): Promise<unknown> {
  const rows = deps.table.rows();
  const uploads = rows.flatMap(({ data }) => (isUploadRow(data) ? [data.upload] : []));
  return structuredClone({
    rows,
    parts: await Promise.all(uploads.map((upload) => deps.storage.listParts(upload))),
    objects: deps.storage.objects(),
    openUploads: deps.storage.openUploads(),
    relayMessages: deps.relayQueue.messages,
    checkMessages: deps.checkQueue.messages,
    tasks: tiktok.tasks,
  });
}

/** Answers what `work` answers, and fails when anything that lasts differs from before. */
export async function unchanged<T>(harness: Harness, work: () => Promise<T>): Promise<T> {
  const before = await snapshot(harness);
  const result = await work();
  expect(await snapshot(harness)).toEqual(before);
  return result;
}

function isUploadRow(data: unknown): data is { upload: { key: string; uploadId: string } } {
  if (typeof data !== "object" || data === null || !("upload" in data)) return false;
  const { upload } = data;
  return typeof upload === "object" && upload !== null && "uploadId" in upload && !!upload.uploadId;
}
