/** Following a publication: every change once, often while things move, seldom while they rest. */
import type { PublicationView } from "@clipcast/functions/contract";
import { describe, expect, it } from "vitest";
import { ApiError, NetworkError } from "../src/errors.ts";
import { watch } from "../src/watch.ts";
import { publication } from "./fake-backend.ts";
import { createVirtualTime } from "./virtual-time.ts";

type Answer = PublicationView | Error;

function follow(answers: readonly Answer[]) {
  const time = createVirtualTime();
  const askedAtMs: number[] = [];
  const startMs = time.runtime.now();
  const status = async () => {
    const answer = answers[Math.min(askedAtMs.length, answers.length - 1)];
    askedAtMs.push(time.runtime.now() - startMs);
    if (answer === undefined || answer instanceof Error) throw answer;
    return answer;
  };
  const seen: string[] = [];
  const done = (async () => {
    for await (const view of watch({ status }, "p", { runtime: time.runtime })) {
      seen.push(view.status);
    }
  })();
  return { time, done, seen, askedAtMs };
}
const refusal = (status: number, code: string, retryAfterMs?: number) =>
  new ApiError({
    type: "about:blank",
    title: "",
    detail: "",
    status,
    code,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

describe("watch", () => {
  it("yields each change once and ends when settled", async () => {
    const [queued, relaying] = [publication("queued"), publication("relaying")];
    const { time, done, seen } = follow([
      queued,
      queued,
      relaying,
      relaying,
      publication("published"),
    ]);
    await time.run(done);
    expect(seen).toEqual(["queued", "relaying", "published"]);
  });

  it("goes on past the outcome until a public post has its link, for a quarter of an hour at most", async () => {
    const post = {
      mode: "direct",
      title: "",
      privacyLevel: "PUBLIC_TO_EVERYONE",
      allowComment: false,
      allowDuet: false,
      allowStitch: false,
      disclosure: { yourBrand: false, brandedContent: false },
      isAiGenerated: false,
    } as const;
    const nowMs = createVirtualTime().runtime.now();
    const history = [{ atMs: nowMs, status: "published" }] as const;
    const linkless = { ...publication("published"), post, history: [...history] };
    const linked = follow([linkless, linkless, { ...linkless, postUrl: "https://t.test/1" }]);
    await linked.time.run(linked.done);
    expect(linked.seen).toEqual(["published", "published"]);

    const never = follow([linkless]);
    await never.time.run(never.done);
    expect(never.askedAtMs.at(-1)).toBeGreaterThan(14 * 60_000);
    expect(never.askedAtMs.at(-1)).toBeLessThan(16 * 60_000);

    const restricted = follow([{ ...linkless, post: { ...post, privacyLevel: "SELF_ONLY" } }]);
    await restricted.time.run(restricted.done);
    expect(restricted.askedAtMs).toHaveLength(1);
  });

  it("asks every two seconds while bytes move, and twice a minute while nothing does", async () => {
    const { time, done, askedAtMs } = follow([
      publication("relaying", 1),
      publication("relaying", 2),
      publication("relaying", 3),
      ...Array.from({ length: 40 }, () => publication("processing")),
      publication("published"),
    ]);
    await time.run(done);
    const waitsMs = askedAtMs.slice(1).map((atMs, index) => atMs - (askedAtMs[index] ?? 0));
    expect(waitsMs.slice(0, 3)).toEqual([2_000, 2_000, 2_000]);
    expect(waitsMs.at(-1)).toBe(30_000);
    expect(Math.max(...waitsMs)).toBe(30_000);
  });

  it("survives a network that comes and goes, and waits as long as it is told", async () => {
    const { time, done, seen, askedAtMs } = follow([
      new NetworkError("network"),
      refusal(503, "internal"),
      refusal(429, "rate_limited", 90_000),
      publication("published"),
    ]);
    await time.run(done);
    expect(seen).toEqual(["published"]);
    expect((askedAtMs[3] ?? 0) - (askedAtMs[2] ?? 0)).toBeGreaterThanOrEqual(90_000);
  });

  it("ends with the error when the backend refuses for good", async () => {
    const { time, done } = follow([publication("queued"), refusal(401, "session_expired")]);
    await expect(time.run(done)).rejects.toMatchObject({ code: "session_expired" });
  });

  it("gives up after fifteen failures in a row", async () => {
    const { time, done, askedAtMs } = follow([new NetworkError("network")]);
    await expect(time.run(done)).rejects.toBeInstanceOf(NetworkError);
    expect(askedAtMs).toHaveLength(15);
  });

  it("stops when it is told to", async () => {
    const time = createVirtualTime();
    const stop = new AbortController();
    const status = async () => publication("processing");
    const views = watch({ status }, "p", { runtime: time.runtime, signal: stop.signal });
    await time.run(views.next());
    stop.abort();
    await expect(time.run(views.next())).rejects.toMatchObject({ name: "AbortError" });
  });
});
