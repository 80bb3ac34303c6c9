/**
 * Table and storage of a simulated life: the ports' contracts and nothing else, built for speed. Rows are kept as they
 * are written, because core copies what it reads and writes; files are only their ranges, because no byte is looked at.
 */
import { assert, FatalError } from "../src/errors/index.ts";
import type { ByteStream, RangeReader, StorageStore } from "../src/storage/index.ts";
import type { Key, Row, TableStore } from "../src/table/index.ts";
import type { Process } from "./process.ts";

export interface SimTable {
  /** The table as one process reaches it. */
  reachedBy(process: Process): TableStore;
  rows(): IterableIterator<Row>;
  get(key: Key): Row | null;
  /** The earliest time in the due index; null when nothing is due ever. */
  firstDueMs(): number | null;
}

/** Called before a write is stored. */
export type ObserveWrite = (process: Process, before: Row | null, after: Row) => void;

export function createSimTable(observe: ObserveWrite): SimTable {
  const rowByKey = new Map<string, Row>();
  const dueByKey = new Map<string, Row>();
  const nameOf = ({ pk, sk }: Key) => `${pk}\n${sk}`;

  const put = (process: Process, row: Row, expectedVersion: number): boolean => {
    const name = nameOf(row);
    const before = rowByKey.get(name) ?? null;
    if ((before?.version ?? 0) !== expectedVersion) return false;
    observe(process, before, row);
    rowByKey.set(name, row);
    if (row.dueAtMs === undefined) dueByKey.delete(name);
    else dueByKey.set(name, row);
    return true;
  };

  return {
    rows: () => rowByKey.values(),
    get: (key) => rowByKey.get(nameOf(key)) ?? null,
    firstDueMs() {
      let first: number | null = null;
      for (const { dueAtMs } of dueByKey.values()) {
        if (dueAtMs !== undefined && (first === null || dueAtMs < first)) first = dueAtMs;
      }
      return first;
    },
    reachedBy: (process) => ({
      get: async (key) => rowByKey.get(nameOf(key)) ?? null,
      put: async (row, expectedVersion) => put(process, row, expectedVersion),
      async remove(key, expectedVersion) {
        if ((rowByKey.get(nameOf(key))?.version ?? 0) !== expectedVersion) return false;
        rowByKey.delete(nameOf(key));
        dueByKey.delete(nameOf(key));
        return true;
      },
      async query({ pk, skPrefix, limit, afterSk, descending }) {
        const rows = [...rowByKey.values()]
          .filter((row) => row.pk === pk && row.sk.startsWith(skPrefix))
          .sort((one, other) => (one.sk < other.sk === descending ? 1 : -1))
          .filter((row) => afterSk === null || (descending ? row.sk < afterSk : row.sk > afterSk));
        const page = rows.slice(0, limit);
        return { rows: page, lastSk: page.length === limit ? (page.at(-1)?.sk ?? null) : null };
      },
      async due({ shard, untilMs, limit }) {
        return [...dueByKey.values()]
          .filter((row) => row.dueShard === shard && (row.dueAtMs ?? 0) <= untilMs)
          .sort((one, other) => (one.dueAtMs ?? 0) - (other.dueAtMs ?? 0))
          .slice(0, limit)
          .map(({ pk, sk }) => ({ pk, sk }));
      },
    }),
  };
}

/** A body that is only its range. Whoever takes it says so with `consumed`. */
export class RangeBody implements ByteStream {
  readonly key: string;
  readonly firstByte: number;
  readonly lastByte: number;
  readonly isBroken: boolean;
  readonly #ended = Promise.withResolvers<void>();

  constructor(given: { key: string; firstByte: number; lastByte: number; isBroken: boolean }) {
    this.key = given.key;
    this.firstByte = given.firstByte;
    this.lastByte = given.lastByte;
    this.isBroken = given.isBroken;
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  consumed(): void {
    this.#ended.resolve();
  }

  destroy(): void {}

  [Symbol.asyncIterator](): never {
    throw new Error("a body of this simulation has no bytes");
  }
}

interface OpenUpload {
  key: string;
  bytesByPart: Map<number, number>;
}

export interface SimStorage {
  store: StorageStore;
  ranges: RangeReader;
  /** What a browser does with a signed part. */
  putPart(uploadId: string, partNumber: number, bytes: number): void;
  hasObject(key: string): boolean;
  openUploads(key: string): number;
  /** Takes an object away behind everybody's back. */
  lose(key: string): void;
}

/** `breaks` is asked for each range whether its stream breaks in the middle. */
export function createSimStorage(breaks: () => boolean): SimStorage {
  const uploadById = new Map<string, OpenUpload>();
  const objectByKey = new Map<string, { bytes: number; etag: string }>();
  let uploadCount = 0;
  const uploadOf = (given: { key: string; uploadId: string }) => {
    const upload = uploadById.get(given.uploadId);
    return upload?.key === given.key ? upload : null;
  };

  return {
    hasObject: (key) => objectByKey.has(key),
    openUploads: (key) => [...uploadById.values()].filter((upload) => upload.key === key).length,
    lose: (key) => {
      objectByKey.delete(key);
    },
    putPart: (uploadId, partNumber, bytes) => {
      uploadById.get(uploadId)?.bytesByPart.set(partNumber, bytes);
    },
    store: {
      async createUpload({ key }) {
        uploadCount += 1;
        uploadById.set(`upload-${uploadCount}`, { key, bytesByPart: new Map() });
        return `upload-${uploadCount}`;
      },
      signPart: async ({ uploadId, partNumber }) => ({
        url: `https://storage.invalid/${uploadId}?${partNumber}`,
        headers: {},
      }),
      async listParts(given) {
        const upload = uploadOf(given);
        if (upload === null) return null;
        return [...upload.bytesByPart]
          .sort(([one], [other]) => one - other)
          .map(([partNumber, bytes]) => ({
            partNumber,
            bytes,
            etag: `"${partNumber}"`,
            crc32: "AAAAAA==",
          }));
      },
      async completeUpload({ parts, ...given }) {
        const upload = uploadOf(given);
        if (upload === null) return null;
        uploadById.delete(given.uploadId);
        const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
        objectByKey.set(given.key, { bytes, etag: `"${given.uploadId}"` });
        return `"${given.uploadId}"`;
      },
      head: async (key) => objectByKey.get(key) ?? null,
      async removeAll(key) {
        for (const [id, upload] of uploadById) if (upload.key === key) uploadById.delete(id);
        objectByKey.delete(key);
      },
    },
    ranges: {
      async openRange({ key, etag, firstByte, lastByte }) {
        const object = objectByKey.get(key);
        assert(
          object === undefined || lastByte < object.bytes,
          "a range lies inside of its object",
        );
        if (object?.etag !== etag) {
          throw new FatalError("video_missing", "The uploaded video is no longer in storage.");
        }
        return new RangeBody({ key, firstByte, lastByte, isBroken: breaks() });
      },
    },
  };
}
