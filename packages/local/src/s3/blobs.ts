/**
 * Data files: the bytes of parts and objects, each in one file that never changes once it is referenced.
 *
 * Promises constant memory while writing, that a file being read outlives its removal until the reader is done, and
 * that removing twice is harmless. Which blobs are referenced is store.ts's knowledge.
 */
import { randomBytes } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

export type BlobWriter = {
  id: string;
  /** Resolves when the next chunk may come; waiting for it is the backpressure. */
  write(chunk: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  /** Removes what was written; for bodies that were cut or refused. */
  discard(): Promise<void>;
};

export type Blobs = {
  create(): Promise<BlobWriter>;
  open(id: string): Promise<FileHandle>;
  /** Keeps blobs readable until the returned function is called, even if they are removed meanwhile. */
  pin(ids: readonly string[]): () => Promise<void>;
  remove(ids: readonly string[]): Promise<void>;
  /** Removes every file that is not named: what a crash left behind. */
  removeAllBut(ids: ReadonlySet<string>): Promise<void>;
};

/** One batch fills while another is written: at most twice this is held for each body. */
const batchBytes = 256 * 1024;

export async function openBlobs(directory: string): Promise<Blobs> {
  await mkdir(directory, { recursive: true });
  const pathOf = (id: string) => join(directory, id);
  const pinCountById = new Map<string, number>();
  const doomed = new Set<string>();

  async function remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      if (pinCountById.has(id)) doomed.add(id);
      else await rm(pathOf(id), { force: true });
    }
  }

  return {
    async create() {
      const id = randomBytes(16).toString("hex");
      return createWriter(id, await open(pathOf(id), "wx"), () => rm(pathOf(id), { force: true }));
    },
    open: (id) => open(pathOf(id), "r"),
    pin(ids) {
      for (const id of ids) pinCountById.set(id, (pinCountById.get(id) ?? 0) + 1);
      return async () => {
        const free: string[] = [];
        for (const id of ids) {
          const count = (pinCountById.get(id) ?? 0) - 1;
          if (count > 0) {
            pinCountById.set(id, count);
            continue;
          }
          pinCountById.delete(id);
          if (doomed.delete(id)) free.push(id);
        }
        await remove(free);
      };
    },
    remove,
    async removeAllBut(ids) {
      const names = await readdir(directory);
      await remove(names.filter((name) => !ids.has(name)));
    },
  };
}

function createWriter(id: string, file: FileHandle, removeFile: () => Promise<void>): BlobWriter {
  let batch: Uint8Array[] = [];
  let batchedBytes = 0;
  let inFlight: Promise<void> = Promise.resolve();

  async function flush(): Promise<void> {
    const chunks = batch;
    const expectedBytes = batchedBytes;
    batch = [];
    batchedBytes = 0;
    await inFlight;
    if (expectedBytes === 0) return;
    inFlight = file.writev(chunks).then(({ bytesWritten }) => {
      // A regular file takes less than it is given only when the disk is full.
      if (bytesWritten !== expectedBytes) throw new Error("The disk took only part of a write");
    });
    // The failure is seen by whoever awaits `inFlight` next; until then it must not count as unhandled.
    inFlight.catch(() => {});
  }

  return {
    id,
    async write(chunk) {
      batch.push(chunk);
      batchedBytes += chunk.length;
      if (batchedBytes >= batchBytes) await flush();
    },
    async finish() {
      await flush();
      await inFlight;
      await file.close();
    },
    async discard() {
      await inFlight.catch(() => {});
      await file.close();
      await removeFile();
    },
  };
}
