/** What every `StorageStore` with its `RangeReader` keeps to: multipart uploads by signed URL, ranges by ETag. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RangeReader, SignedPut, StorageStore } from "../../src/storage/index.ts";
import { crc32Of } from "../../src/testing/storage.ts";
import { bytesOf } from "../../src/testing/streams.ts";

export interface StorageSubject {
  storage: StorageStore;
  ranges: RangeReader;
  /** What a browser does with a signed part. Rejects when storage refuses. */
  putPart(put: SignedPut, bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** S3's minimum for every part but the last. */
const partBytes = 5 * 1024 * 1024;
const key = "uploads/user-1/video-1";
const video = Buffer.alloc(2 * partBytes + 1_000, "harbour at dawn, and then the sea; ");
const parts = [
  video.subarray(0, partBytes),
  video.subarray(partBytes, 2 * partBytes),
  video.subarray(2 * partBytes),
];

export function describeStorage(name: string, create: () => Promise<StorageSubject>): void {
  let subject: StorageSubject;
  let storage: StorageStore;
  beforeEach(async () => {
    subject = await create();
    storage = subject.storage;
  });
  afterEach(() => subject.close());

  const open = (at = key) => storage.createUpload({ key: at, contentType: "video/mp4" });
  const sign = (uploadId: string, partNumber: number, given: Buffer) => {
    const content = { bytes: given.length, crc32: crc32Of(given) };
    return storage.signPart({ key, uploadId, partNumber, ...content, expiresInSeconds: 60 });
  };
  const send = async (uploadId: string, partNumber: number, bytes: Buffer) =>
    subject.putPart(await sign(uploadId, partNumber, bytes), bytes);
  const sendAll = async (uploadId: string) => {
    for (const [index, bytes] of parts.entries()) await send(uploadId, index + 1, bytes);
  };
  const listed = async (uploadId: string) => (await storage.listParts({ key, uploadId })) ?? [];
  const uploaded = async () => {
    const uploadId = await open();
    await sendAll(uploadId);
    const etag = await storage.completeUpload({ key, uploadId, parts: await listed(uploadId) });
    return { uploadId, etag: etag ?? "" };
  };
  const read = async (etag: string, firstByte: number, lastByte: number) => {
    const signal = new AbortController().signal;
    const stream = await subject.ranges.openRange({ key, etag, firstByte, lastByte, signal });
    return bytesOf(stream);
  };

  describe(`${name}: an upload`, () => {
    it("lists its parts by number, however they came, each as it was sent last", async () => {
      const uploadId = await open();
      expect(await storage.listParts({ key, uploadId })).toEqual([]);
      await send(uploadId, 3, parts[2] ?? video);
      await send(uploadId, 1, Buffer.from("too short, sent again below"));
      await send(uploadId, 1, parts[0] ?? video);
      expect(await listed(uploadId)).toMatchObject([
        { partNumber: 1, bytes: partBytes, crc32: crc32Of(parts[0] ?? video) },
        { partNumber: 3, bytes: 1_000, crc32: crc32Of(parts[2] ?? video) },
      ]);
    });

    it("takes exactly the bytes whose checksum was signed", async () => {
      const uploadId = await open();
      const put = await sign(uploadId, 1, Buffer.from("as it was read"));
      await expect(subject.putPart(put, Buffer.from("as it was sent"))).rejects.toThrow();
      const other = { ...put, headers: {} };
      await expect(subject.putPart(other, Buffer.from("as it was read"))).rejects.toThrow();
      expect(await listed(uploadId)).toEqual([]);
      await subject.putPart(put, Buffer.from("as it was read"));
    });

    it("takes exactly the length that was signed", async () => {
      const uploadId = await open();
      const put = await sign(uploadId, 1, Buffer.alloc(1_000));
      await expect(subject.putPart(put, Buffer.alloc(999))).rejects.toThrow();
      await expect(subject.putPart(put, Buffer.alloc(1_001))).rejects.toThrow();
      expect(await listed(uploadId)).toEqual([]);
      await subject.putPart(put, Buffer.alloc(1_000));
    });

    it("becomes one object with the ETag that completion answered", async () => {
      const { etag } = await uploaded();
      expect(await storage.head(key)).toEqual({ bytes: video.length, etag });
      expect((await read(etag, 0, video.length - 1)).equals(video)).toBe(true);
    });

    it("is gone once completed or aborted, and was never there under another key", async () => {
      const { uploadId } = await uploaded();
      expect(await storage.listParts({ key, uploadId })).toBeNull();
      const fresh = await open();
      expect(await storage.listParts({ key: "uploads/user-2/other", uploadId: fresh })).toBeNull();
      await storage.removeAll(key);
      expect(await storage.listParts({ key, uploadId: fresh })).toBeNull();
      const completed = storage.completeUpload({
        key,
        uploadId: fresh,
        parts: [{ partNumber: 1, bytes: 1_000, etag: '"0"', crc32: "AAAAAA==" }],
      });
      expect(await completed).toBeNull();
    });
  });

  describe(`${name}: removeAll`, () => {
    it("aborts every upload of the key and deletes its object, and may be repeated", async () => {
      await uploaded();
      const [one, other] = [await open(), await open()];
      await send(one, 1, Buffer.alloc(10));
      await storage.removeAll(key);
      await storage.removeAll(key);
      expect(await storage.head(key)).toBeNull();
      expect(await storage.listParts({ key, uploadId: one })).toBeNull();
      expect(await storage.listParts({ key, uploadId: other })).toBeNull();
    });

    it("touches no other key, not even one that begins alike", async () => {
      const longer = `${key}0`;
      const uploadId = await open(longer);
      await storage.removeAll(key);
      expect(await storage.listParts({ key: longer, uploadId })).toEqual([]);
    });
  });

  describe(`${name}: ranges`, () => {
    it("are exact at both ends", async () => {
      const { etag } = await uploaded();
      for (const [firstByte, lastByte] of [
        [0, 0],
        [0, 99],
        [partBytes - 10, partBytes + 10],
        [video.length - 1, video.length - 1],
      ] as const) {
        const bytes = await read(etag, firstByte, lastByte);
        expect(bytes.equals(video.subarray(firstByte, lastByte + 1))).toBe(true);
      }
    });

    it("are refused for good when the object is another, gone, or shorter", async () => {
      const { etag } = await uploaded();
      const missing = { name: "FatalError", code: "video_missing" };
      await expect(read('"0123456789abcdef0123456789abcdef"', 0, 9)).rejects.toMatchObject(missing);
      await expect(read(etag, video.length, video.length + 9)).rejects.toMatchObject(missing);
      await storage.removeAll(key);
      await expect(read(etag, 0, 9)).rejects.toMatchObject(missing);
      expect(await storage.head(key)).toBeNull();
    });
  });
}
