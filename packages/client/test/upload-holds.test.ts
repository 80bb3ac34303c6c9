/** What keeps an upload from moving, how the state says so, and how it goes on: offline, a lost session, retries. */
import { describe, expect, it } from "vitest";
import type { UploadState } from "../src/board.ts";
import { createUpload, type UploadSettings } from "../src/upload.ts";
import { createFake, type FakeOptions, goal } from "./fake-backend.ts";
import { createVirtualTime } from "./virtual-time.ts";

const MB = 1_000_000;
/** 100 MB at 1 MB/s. */
const slow = { fileBytes: 100 * MB, partBytes: MB, linkBytesPerMs: 1_000 };

function begin(options: Partial<FakeOptions> = {}, settings: UploadSettings = {}) {
  const time = createVirtualTime();
  const fake = createFake(time, { ...slow, ...options });
  const given = { ...fake, runtime: time.runtime, ...settings };
  const upload = createUpload(fake.api, fake.source, goal, given);
  const states: UploadState[] = [];
  upload.subscribe((state) => states.push(state));
  return { time, fake, upload, states };
}

describe("offline", () => {
  it("pauses by itself and goes on at once, without spending an attempt", async () => {
    const { time, fake, upload } = begin({}, { retry: { attemptsMax: 1, baseMs: 1, capMs: 1 } });
    await time.advance(20_000);
    time.setOnline(false);
    expect(upload.state).toMatchObject({ status: "paused", hold: { reason: "offline" } });
    await time.advance(0);
    expect(fake.state.activeCount).toBe(0);
    const sentCount = fake.puts.length;
    await time.advance(600_000);
    expect(fake.puts).toHaveLength(sentCount);

    const backAtMs = time.runtime.now();
    time.setOnline(true);
    await time.advance(100);
    // At once but for one answer of the backend, which says what storage has.
    const answerMs = 10;
    expect(fake.puts[sentCount]?.atMs).toBe(backAtMs + answerMs);
    expect(upload.state).toMatchObject({ status: "uploading", hold: null });
    await time.run(upload.done);
    expect(fake.puts.length).toBeLessThanOrEqual(106);
  });

  it("cuts a backoff short when the network returns", async () => {
    const isCut = { value: false };
    const { time, fake, upload } = begin(
      { onPut: () => (isCut.value ? "network" : null) },
      { retry: { attemptsMax: 20, baseMs: 60_000, capMs: 600_000 } },
    );
    await time.advance(20_000);
    isCut.value = true;
    await time.advance(20_000);
    expect(upload.state.hold).toMatchObject({ reason: "retrying" });
    time.setOnline(false);
    await time.advance(1_000);
    isCut.value = false;
    const sentCount = fake.puts.length;
    time.setOnline(true);
    await time.advance(1);
    expect(fake.puts.length).toBeGreaterThan(sentCount);
    await time.run(upload.done);
  });

  it("holds an upload that begins offline, and one that is about to complete", async () => {
    const cut = { value: true };
    const { time, fake, upload } = begin({
      fileBytes: MB,
      onCall: () => (cut.value ? "network" : null),
    });
    time.setOnline(false);
    await time.advance(600_000);
    expect(upload.state).toMatchObject({ status: "paused", hold: { reason: "offline" } });
    cut.value = false;
    time.setOnline(true);
    await time.advance(500);
    cut.value = true;
    time.setOnline(false);
    await time.advance(60_000);
    time.setOnline(true);
    cut.value = false;
    expect((await time.run(upload.done)).status).toBe("queued");
    expect(fake.stored.size).toBe(1);
  });

  it("stays paused by the person when the network returns", async () => {
    const { time, upload } = begin();
    await time.advance(20_000);
    upload.pause();
    time.setOnline(false);
    time.setOnline(true);
    await time.advance(60_000);
    expect(upload.state).toMatchObject({ status: "paused", hold: { reason: "paused" } });
    upload.resume();
    await time.run(upload.done);
  });
});

describe("a session that is over", () => {
  const expiring = (routes: string, settings: UploadSettings = {}) => {
    const session = { isOver: false };
    const expired = { status: 401, code: "session_expired" };
    const onCall = (route: string) => (session.isOver && route.endsWith(routes) ? expired : null);
    const given = begin({ firstBatch: 40, onCall }, settings);
    return { ...given, session };
  };

  it("lets the parts go that have their URL, then waits, and loses nothing", async () => {
    const { time, fake, upload, states, session } = expiring("upload-chunk");
    session.isOver = true;
    await time.advance(30_000);
    expect(upload.state).toMatchObject({
      status: "uploading",
      hold: { reason: "session_expired" },
    });
    await time.advance(3_600_000);
    expect(upload.state).toMatchObject({ status: "paused", hold: { reason: "session_expired" } });
    expect(fake.stored.size).toBe(40);

    session.isOver = false;
    time.comeBack();
    await time.advance(100);
    expect(upload.state).toMatchObject({ status: "uploading", hold: null });
    await time.run(upload.done);
    expect(fake.puts).toHaveLength(100);
    expect(states.some((state) => state.status === "failed")).toBe(false);
  });

  it("is asked for again by itself, for a person who signed in in another window", async () => {
    const { time, upload, session } = expiring("upload-chunk");
    session.isOver = true;
    await time.advance(300_000);
    session.isOver = false;
    await time.advance(15_100);
    expect(upload.state.hold).toBeNull();
    await time.run(upload.done);
  });

  it("is asked for at once by resume", async () => {
    const { time, upload, session } = expiring("upload-complete");
    session.isOver = true;
    await time.advance(301_000);
    expect(upload.state).toMatchObject({ status: "paused", hold: { reason: "session_expired" } });
    session.isOver = false;
    upload.resume();
    await time.advance(100);
    expect(upload.state.status).toBe("done");
  });

  it("ends the upload once nobody has come back for as long as was agreed", async () => {
    const { time, upload, session } = expiring("upload-chunk", { sessionPatienceMs: 600_000 });
    session.isOver = true;
    await time.advance(590_000);
    expect(upload.state.status).toBe("paused");
    await expect(time.run(upload.done)).rejects.toMatchObject({ code: "session_expired" });
    expect(upload.state.hold).toBeNull();
  });
});

describe("retries", () => {
  it("are told while nothing else moves, with the time of the next attempt", async () => {
    const { time, upload, states } = begin({
      fileBytes: MB,
      onPut: (_part, attempt) =>
        attempt === 1 ? { status: 503, code: "SlowDown", retryAfterMs: 8_000 } : null,
    });
    await time.advance(1_000);
    const { hold, status } = upload.state;
    expect(status).toBe("uploading");
    expect(hold?.reason).toBe("retrying");
    const waitMs = hold?.reason === "retrying" ? hold.nextAttemptAtMs - time.runtime.now() : 0;
    expect(waitMs).toBeGreaterThan(6_000);
    expect(waitMs).toBeLessThanOrEqual(8_000);
    await time.run(upload.done);
    expect(states.at(-1)?.hold).toBeNull();
  });

  it("are not told while other parts move", async () => {
    const { time, upload, states } = begin({
      onPut: (part) => (part === 3 ? { status: 503, code: null, retryAfterMs: 30_000 } : null),
    });
    await time.advance(25_000);
    expect(states.filter((state) => state.hold !== null)).toEqual([]);
    upload.abort();
    await time.advance(0);
  });

  it("are made now by resume", async () => {
    const { time, fake, upload } = begin({
      fileBytes: MB,
      onPut: (_part, attempt) =>
        attempt === 1 ? { status: 503, code: null, retryAfterMs: 3_600_000 } : null,
    });
    await time.advance(10_000);
    expect(fake.puts).toHaveLength(1);
    upload.resume();
    await time.advance(2_000);
    expect(upload.state.status).toBe("done");
  });
});
