/**
 * The backend and its storage in memory: enough of the contract to run whole uploads, with every request on record.
 *
 * Storage sits behind a link of limited speed that all transfers share, in virtual time.
 */
import type { Problem, PublicationView, SignedPart } from "@clipcast/functions/contract";
import { type Api, createApi } from "../src/api.ts";
import { crc32, crc32Text } from "../src/crc32.ts";
import { NetworkError } from "../src/errors.ts";
import type { ByteSource } from "../src/source.ts";
import type { PartAnswer, PartRequest, PartTransport } from "../src/transport.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** The answers that go astray come after the part was stored: one is lost, the other does not arrive for a day. */
export type PutFault = PartAnswer | "network" | "silence" | "lost answer" | "late answer";
export type ApiFault = Partial<Problem> | "network" | "lost answer";
export type FakeOptions = {
  fileBytes: number;
  partBytes: number;
  /** Parts that init signs by itself. */
  firstBatch?: number;
  linkBytesPerMs?: number;
  latencyMs?: number;
  urlLifeMs?: number;
  /** Asked before each PUT; null lets it through. */
  onPut?: (partNumber: number, attempt: number) => PutFault | null;
  /** Asked before each API call; null lets it through. */
  onCall?: (route: string, count: number, body: unknown) => ApiFault | null;
};
export type Fake = ReturnType<typeof createFake>;

export function createFake(time: VirtualTime, options: FakeOptions) {
  const { fileBytes, partBytes, firstBatch = 100, urlLifeMs = 900_000 } = options;
  const partCount = Math.ceil(fileBytes / partBytes);
  const calls: { route: string; body: unknown; headers: Headers }[] = [];
  const puts: { partNumber: number; url: string; atMs: number }[] = [];
  /** What storage has, with the checksum it came with. */
  const stored = new Map<number, { bytes: number; crc32: string }>();
  const initKeys = new Set<string>();
  const state = {
    isComplete: false,
    isCancelled: false,
    activeCount: 0,
    activeCountMax: 0,
    signCount: 0,
  };

  const bytesOf = (partNumber: number) =>
    Math.min(partBytes, fileBytes - (partNumber - 1) * partBytes);
  const signed = (partNumber: number, checksum: string): SignedPart => ({
    partNumber,
    url: `https://storage.test/${partNumber}?signature=${++state.signCount}`,
    headers: { [checksumHeader]: checksum },
    firstByte: (partNumber - 1) * partBytes,
    bytes: bytesOf(partNumber),
    expiresAtMs: time.runtime.now() + urlLifeMs,
  });
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

  const routes: Record<string, (body: never) => unknown> = {
    "POST /api/tiktok/upload-init": () => ({
      publication: publication("uploading", fileBytes),
      upload: {
        partBytes,
        partCount,
        // The fake keeps to its own cut, and signs its first parts as if that had been proposed.
        parts: numbers(Math.min(firstBatch, partCount)).map((partNumber) =>
          signed(partNumber, checksumOf(partNumber)),
        ),
      },
    }),
    "PUT /api/tiktok/upload-chunk": (body: { parts: { partNumber: number; crc32: string }[] }) =>
      state.isComplete || state.isCancelled
        ? { status: 409, code: "not_uploading" }
        : { parts: body.parts.map((part) => signed(part.partNumber, part.crc32)) },
    "POST /api/tiktok/upload-parts": () => {
      if (state.isComplete || state.isCancelled) return { status: 409, code: "not_uploading" };
      const parts = [...stored].sort(([a], [b]) => a - b);
      return {
        partBytes,
        partCount,
        parts: parts.map(([partNumber, part]) => ({ partNumber, ...part })),
      };
    },
    "POST /api/tiktok/upload-complete": () => {
      if (state.isCancelled) return { status: 409, code: "not_uploading" };
      const view = publication("queued", fileBytes);
      if (state.isComplete)
        return { status: 409, code: "upload_already_complete", publication: view };
      if (stored.size < partCount) return { status: 409, code: "parts_missing" };
      state.isComplete = true;
      return { publication: view };
    },
    "POST /api/tiktok/upload-status": () => ({
      publication: publication(
        state.isCancelled ? "cancelled" : state.isComplete ? "queued" : "uploading",
        fileBytes,
      ),
    }),
  };

  const send: typeof fetch = async (input, init) => {
    const route = `${init?.method} ${new URL(String(input)).pathname}`;
    const body: unknown = init?.body === undefined ? undefined : JSON.parse(String(init.body));
    const headers = new Headers(init?.headers);
    calls.push({ route, body, headers });
    await time.runtime.sleep(10, init?.signal ?? undefined);
    const count = calls.filter((call) => call.route === route).length;
    const fault = options.onCall?.(route, count, body) ?? null;
    if (fault === "network") throw new TypeError("fetch failed");
    if (fault !== null && fault !== "lost answer") return answer(fault);
    initKeys.add(headers.get("Idempotency-Key") ?? "");
    const result = (routes[route] ?? (() => ({ status: 404, code: "not_found" })))(body as never);
    if (fault === "lost answer") throw new TypeError("fetch failed");
    return answer(result as Partial<Problem>);
  };

  const transport: PartTransport = {
    isProgressive: true,
    put: async ({ url, headers, body, bytes, signal, onSent }) => {
      const partNumber = Number(new URL(url).pathname.slice(1));
      puts.push({ partNumber, url, atMs: time.runtime.now() });
      const attempt = puts.filter((put) => put.partNumber === partNumber).length;
      const fault = options.onPut?.(partNumber, attempt) ?? null;
      state.activeCount += 1;
      state.activeCountMax = Math.max(state.activeCountMax, state.activeCount);
      try {
        const { linkBytesPerMs = 1_000_000, latencyMs = 5 } = options;
        // A transfer that fails has moved half of its bytes before it does.
        const isWhole = fault === null || fault === "lost answer" || fault === "late answer";
        const untilBytes = isWhole ? bytes : bytes / 2;
        for (let sentBytes = 0; sentBytes < untilBytes; ) {
          const share = linkBytesPerMs / state.activeCount;
          // The steps in which a transfer moves and reports: fine against its length, few in number.
          const stepMs = Math.max(20, partBytes / linkBytesPerMs / 4);
          const waitMs = Math.min(stepMs, Math.max(0.01, (untilBytes - sentBytes) / share));
          await time.runtime.sleep(waitMs, signal);
          sentBytes = Math.min(untilBytes, sentBytes + share * waitMs);
          onSent(Math.round(sentBytes));
        }
        if (fault === "silence") await time.runtime.sleep(86_400_000, signal);
        await time.runtime.sleep(latencyMs, signal);
        const answered = isWhole ? store({ partNumber, headers, body, bytes }) : fault;
        if (fault === "late answer") await time.runtime.sleep(86_400_000, signal);
        if (typeof answered === "string" || fault === "lost answer") {
          throw new NetworkError("network");
        }
        return answered;
      } finally {
        state.activeCount -= 1;
      }
    },
  };
  const store = (
    request: Pick<PartRequest, "headers" | "body" | "bytes"> & { partNumber: number },
  ): PartAnswer => {
    const { partNumber, headers, body, bytes } = request;
    if (!(body instanceof Uint8Array)) throw new Error("Bytes were expected.");
    if (bytes !== bytesOf(partNumber)) return { status: 403, code: null, retryAfterMs: null };
    const checksum = crc32Text(crc32(body));
    if (headers[checksumHeader] !== checksum) {
      return { status: 400, code: "BadDigest", retryAfterMs: null };
    }
    stored.set(partNumber, { bytes, crc32: checksum });
    return { status: 200, code: null, retryAfterMs: null };
  };

  const api: Api = createApi({ baseUrl: "https://app.test", fetch: send, runtime: time.runtime });
  return {
    api,
    fetch: send,
    transport,
    calls,
    puts,
    stored,
    initKeys,
    state,
    source: source(options),
  };
}

const checksumHeader = "x-amz-checksum-crc32";

/** The few bytes that stand for a part: tests of gigabytes need no gigabytes. */
const contentOf = (partNumber: number) => Uint8Array.of(partNumber % 256, partNumber >> 8, 7);
const checksumOf = (partNumber: number) => crc32Text(crc32(contentOf(partNumber)));

/** A file that only says which part a slice belongs to. */
function source({ fileBytes, partBytes }: FakeOptions): ByteSource {
  return {
    name: "clip.mp4",
    contentType: "video/mp4",
    size: fileBytes,
    slice: (firstByte) => contentOf(Math.floor(firstByte / partBytes) + 1),
    isIntact: async () => true,
  };
}

function answer(body: Partial<Problem>): Response {
  const status = typeof body.status === "number" ? body.status : 200;
  return new Response(JSON.stringify({ detail: "A sentence.", ...body }), { status });
}

export const goal = {
  accountId: "account-1",
  post: { mode: "inbox" },
  consent: { agreed: true, textVersion: "1" },
} as const;

export function publication(status: PublicationView["status"], totalBytes = 10): PublicationView {
  const isStored = !["uploading", "cancelled"].includes(status);
  return {
    id: "publication-1",
    accountId: "account-1",
    status,
    isSettled: ["published", "in_inbox", "failed", "cancelled"].includes(status),
    file: { name: "clip.mp4", bytes: totalBytes, contentType: "video/mp4" },
    post: { mode: "inbox" },
    createdAtMs: 1,
    updatedAtMs: 1,
    progress: { storedBytes: isStored ? totalBytes : 0, relayedBytes: 0, totalBytes },
    waiting: null,
    failure: null,
    canRetry: false,
    isCancelRequested: false,
    postUrl: null,
    profileUrl: null,
    history: [],
  };
}
