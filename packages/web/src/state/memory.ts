/**
 * What this browser remembers of unfinished uploads, so that a reload, a crash or a night loses nothing.
 *
 * Kept in IndexedDB, which can hold a `FileSystemFileHandle`: with one, the file is found again without asking for it.
 * Everything is remembered by user; one creator never sees another's. Storage may be full, forbidden or broken:
 * then nothing is remembered, nothing fails, and the page asks for the file.
 */
export type RememberedUpload = {
  publicationId: string;
  userId: string;
  /** Tells within milliseconds whether a chosen file is the right one; null while it is not known yet. */
  fingerprint: string | null;
  /** Null where the browser has no such handles, or the file was not chosen by one. */
  handle: FileSystemFileHandle | null;
  /** Stopped by hand: it does not go on by itself. */
  isPaused: boolean;
};

export type Memory = {
  recallAll(userId: string): Promise<RememberedUpload[]>;
  recall(userId: string, publicationId: string): Promise<RememberedUpload | null>;
  remember(upload: RememberedUpload): Promise<void>;
  /** Changes what is remembered of one upload; nothing when it is unknown. */
  amend(publicationId: string, change: Partial<RememberedUpload>): Promise<void>;
  forget(publicationId: string): Promise<void>;
};

const databaseName = "clipcast";
const storeName = "uploads";
const version = 1;
/** Nobody has so many under way. */
const uploadsMax = 200;

export function createMemory(factory: IDBFactory | undefined): Memory {
  let opened: Promise<IDBDatabase> | null = null;
  const open = () => {
    opened ??= openDatabase(factory);
    return opened;
  };
  /** One transaction; `fallback` when the browser refuses. */
  const run = async <T>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => IDBRequest<T>,
    fallback: T,
  ): Promise<T> => {
    try {
      const transaction = (await open()).transaction(storeName, mode);
      const request = work(transaction.objectStore(storeName));
      await new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error);
      });
      return request.result;
    } catch {
      return fallback;
    }
  };
  const read = (publicationId: string) =>
    run<unknown>("readonly", (store) => store.get(publicationId), null);
  const write = (upload: RememberedUpload) =>
    run<IDBValidKey | null>("readwrite", (store) => asNullable(store.put(upload)), null);
  return {
    recallAll: async (userId) => {
      const all = await run<unknown[]>("readonly", (store) => store.getAll(null, uploadsMax), []);
      return all.filter(isRemembered).filter((upload) => upload.userId === userId);
    },
    recall: async (userId, publicationId) => {
      const found = await read(publicationId);
      return isRemembered(found) && found.userId === userId ? found : null;
    },
    remember: async (upload) => void (await write(upload)),
    amend: async (publicationId, change) => {
      const found = await read(publicationId);
      if (isRemembered(found)) await write({ ...found, ...change });
    },
    forget: async (publicationId) => {
      await run("readwrite", (store) => store.delete(publicationId), undefined);
    },
  };
}

function openDatabase(factory: IDBFactory | undefined): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    if (factory === undefined) throw new TypeError("This browser keeps nothing.");
    const request = factory.open(databaseName, version);
    request.onupgradeneeded = () =>
      request.result.createObjectStore(storeName, { keyPath: "publicationId" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function asNullable<T>(request: IDBRequest<T>): IDBRequest<T | null> {
  return request as IDBRequest<T | null>;
}

/** What an older page, or a stranger, has written may be anything. */
function isRemembered(value: unknown): value is RememberedUpload {
  if (typeof value !== "object" || value === null) return false;
  const upload = value as Partial<Record<keyof RememberedUpload, unknown>>;
  return (
    typeof upload.publicationId === "string" &&
    typeof upload.userId === "string" &&
    (upload.fingerprint === null || typeof upload.fingerprint === "string") &&
    typeof upload.handle === "object" &&
    typeof upload.isPaused === "boolean"
  );
}
