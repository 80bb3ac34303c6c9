/** Each kind of failure, sorted: what is repeated, what is signed again, what ends the upload. */
import { describe, expect, it } from "vitest";
import { ApiError, UploadError } from "../src/errors.ts";
import type { ByteSource } from "../src/source.ts";
import type { PartAnswer } from "../src/transport.ts";
import { createUpload, type UploadSettings } from "../src/upload.ts";
import { createFake, type FakeOptions, goal, type PutFault } from "./fake-backend.ts";
import { createVirtualTime } from "./virtual-time.ts";

const MB = 1_000_000;
const says = (status: number, code: string | null = null, retryAfterMs: number | null = null) =>
  ({ status, code, retryAfterMs }) satisfies PartAnswer;

function begin(options: Partial<FakeOptions>, given: Partial<ByteSource> & UploadSettings = {}) {
  const time = createVirtualTime();
  const fake = createFake(time, { fileBytes: 20 * MB, partBytes: MB, ...options });
  const source = { ...fake.source, ...given };
  const settings = { ...fake, runtime: time.runtime, ...given };
  const upload = createUpload(fake.api, source, goal, settings);
  return { time, fake, upload };
}

describe("a part that fails", () => {
  it.each<[string, PutFault]>([
    ["the network", "network"],
    ["500", says(500, "InternalError")],
    ["503 SlowDown", says(503, "SlowDown")],
    ["429", says(429)],
    ["400 RequestTimeout", says(400, "RequestTimeout")],
    ["a stall", "silence"],
  ])("is sent again after %s, and no other part is", async (_name, fault) => {
    const { time, fake, upload } = begin({
      onPut: (part, attempt) => (part === 5 && attempt <= 2 ? fault : null),
    });
    await time.run(upload.done);
    expect(fake.puts.filter((put) => put.partNumber === 5)).toHaveLength(3);
    expect(fake.puts).toHaveLength(22);
    expect(fake.stored.size).toBe(20);
  });

  it("waits longer each time, and as long as storage asks", async () => {
    const { time, fake, upload } = begin({
      fileBytes: MB,
      onPut: (_part, attempt) =>
        attempt <= 5 ? says(503) : attempt === 6 ? says(429, null, 60_000) : null,
    });
    await time.run(upload.done);
    const waitsMs = fake.puts
      .slice(1)
      .map((put, index) => put.atMs - (fake.puts[index]?.atMs ?? 0));
    expect(waitsMs.slice(0, 5)).toEqual([...waitsMs.slice(0, 5)].sort((a, b) => a - b));
    expect(waitsMs[5]).toBeGreaterThanOrEqual(60_000);
  });

  it("ends the upload once its attempts are spent, and says that later may work", async () => {
    const { time, fake, upload } = begin({ onPut: (part) => (part === 3 ? "network" : null) });
    await expect(time.run(upload.done)).rejects.toMatchObject({
      code: "attempts_exhausted",
      isRetryable: true,
    });
    expect(fake.puts.filter((put) => put.partNumber === 3)).toHaveLength(20);
    expect(upload.state.status).toBe("failed");
    expect(upload.state.error).toBeInstanceOf(UploadError);
  });

  it.each([
    [says(404, "NoSuchUpload"), "upload_gone"],
    [says(400, "InvalidArgument"), "part_refused"],
    [says(413, "EntityTooLarge"), "part_refused"],
  ])("ends the upload at once after %o", async (answer, code) => {
    const { time, fake, upload } = begin({ onPut: (part) => (part === 9 ? answer : null) });
    await expect(time.run(upload.done)).rejects.toMatchObject({ code, isRetryable: false });
    expect(fake.puts.filter((put) => put.partNumber === 9)).toHaveLength(1);
    expect(fake.state.activeCount).toBe(0);
  });

  it("ends the upload when the file changed under it", async () => {
    const { time, fake, upload } = begin(
      { onPut: () => "network" },
      { isIntact: async () => false },
    );
    await expect(time.run(upload.done)).rejects.toMatchObject({ code: "file_changed" });
    expect(fake.puts.length).toBeLessThanOrEqual(6);
  });
});

describe("a URL that is no longer good", () => {
  it.each([says(403, "AccessDenied"), says(403), says(400, "ExpiredToken")])(
    "is replaced once for all lanes after %o",
    async (answer) => {
      let deadline = Number.POSITIVE_INFINITY;
      const { time, fake, upload } = begin({
        fileBytes: 60 * MB,
        onPut: (part) => {
          if (part === 30 && deadline === Number.POSITIVE_INFINITY) deadline = fake.state.signCount;
          const signature = Number(fake.puts.at(-1)?.url.split("=").at(-1));
          return signature <= deadline && deadline !== Number.POSITIVE_INFINITY ? answer : null;
        },
      });
      await time.run(upload.done);
      expect(fake.calls.filter((call) => call.route.startsWith("PUT"))).toHaveLength(1);
      expect(fake.stored.size).toBe(60);
    },
  );

  it("is replaced before it is used once it has expired", async () => {
    const { time, fake, upload } = begin({
      fileBytes: 100 * MB,
      linkBytesPerMs: 100,
      urlLifeMs: 300_000,
    });
    await time.run(upload.done);
    expect(fake.puts).toHaveLength(100);
    const signRequests = fake.calls.filter((call) => call.route.startsWith("PUT"));
    expect(signRequests.length).toBeGreaterThan(1);
    expect(signRequests.length).toBeLessThan(8);
  });

  it("is tried all the same when the clock here runs an hour ahead", async () => {
    const { time, fake, upload } = begin({ urlLifeMs: -3_600_000 });
    await time.run(upload.done);
    expect(fake.calls.filter((call) => call.route.startsWith("PUT"))).toHaveLength(0);
  });

  it("ends the upload when fresh ones are refused again and again", async () => {
    const { time, fake, upload } = begin({ onPut: (part) => (part === 4 ? says(403) : null) });
    await expect(time.run(upload.done)).rejects.toMatchObject({ code: "part_refused" });
    expect(fake.puts.filter((put) => put.partNumber === 4)).toHaveLength(4);
  });
});

describe("a call that fails", () => {
  it("repeats init under one idempotency key when the answer was lost", async () => {
    const { time, fake, upload } = begin({
      onCall: (route, count) =>
        route.endsWith("upload-init") && count <= 2 ? "lost answer" : null,
    });
    await time.run(upload.done);
    const inits = fake.calls.filter((call) => call.route.endsWith("upload-init"));
    expect(inits.map((call) => call.headers.get("Idempotency-Key"))).toEqual([
      "id-1",
      "id-1",
      "id-1",
    ]);
  });

  it("takes a repeated complete for success when the first answer was lost", async () => {
    const { time, fake, upload } = begin({
      onCall: (route, count) =>
        route.endsWith("upload-complete") && count === 1 ? "lost answer" : null,
    });
    expect((await time.run(upload.done)).status).toBe("queued");
    expect(fake.calls.filter((call) => call.route.endsWith("upload-complete"))).toHaveLength(2);
  });

  it("completes again when storage has joined the parts for a request that died", async () => {
    const { time, fake, upload } = begin({
      onPut: () => says(404, "NoSuchUpload"),
      onCall: (route) => {
        if (!route.endsWith("upload-complete")) return null;
        for (let part = 1; part <= 20; part += 1) fake.stored.set(part, { bytes: MB, crc32: "" });
        return null;
      },
    });
    expect((await time.run(upload.done)).status).toBe("queued");
  });

  it("sends parts again that storage lost before complete", async () => {
    const { time, fake, upload } = begin({
      onCall: (route, count) => {
        if (route.endsWith("upload-complete") && count === 1) fake.stored.delete(7);
        return null;
      },
    });
    expect((await time.run(upload.done)).status).toBe("queued");
    expect(fake.puts.filter((put) => put.partNumber === 7)).toHaveLength(2);
    expect(fake.puts).toHaveLength(21);
  });

  it("waits out the network, 503 and 429 in signing", async () => {
    const faults = [
      "network",
      { status: 503, code: "internal" },
      { status: 429, code: "rate_limited", retryAfterMs: 5_000 },
    ] as const;
    const { time, fake, upload } = begin({
      firstBatch: 2,
      onCall: (route, count) => (route.startsWith("PUT") ? (faults[count - 1] ?? null) : null),
    });
    await time.run(upload.done);
    expect(fake.stored.size).toBe(20);
  });

  it("ends the upload when the session has expired and nobody is there to sign in", async () => {
    const expired = { status: 401, code: "session_expired" };
    const given = { sessionPatienceMs: 0 };
    const { time, upload } = begin(
      { firstBatch: 2, onCall: (route) => (route.startsWith("PUT") ? expired : null) },
      given,
    );
    const failed = time.run(upload.done);
    await expect(failed).rejects.toBeInstanceOf(ApiError);
    await expect(failed).rejects.toMatchObject({ code: "session_expired", isRetryable: false });
  });

  it("ends the upload when another tab cancelled it", async () => {
    const { time, fake, upload } = begin({
      onCall: (route) => {
        if (route.endsWith("upload-complete")) fake.state.isCancelled = true;
        return null;
      },
    });
    await expect(time.run(upload.done)).rejects.toMatchObject({ code: "not_uploading" });
  });

  it.each(["signing", "sending"])(
    "succeeds when another tab completed it, noticed while %s",
    async (step) => {
      const { time, fake, upload } = begin({
        firstBatch: step === "signing" ? 2 : 20,
        onPut: (partNumber) => {
          if (partNumber !== 1) return null;
          fake.state.isComplete = true;
          return step === "sending"
            ? { status: 404, code: "NoSuchUpload", retryAfterMs: null }
            : null;
        },
      });
      expect((await time.run(upload.done)).status).toBe("queued");
      expect(fake.stored.size).toBeLessThan(20);
    },
  );
});
