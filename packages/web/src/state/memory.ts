/**
 * What this browser remembers of unfinished uploads, so that a reload or a crash loses nothing.
 *
 * A browser does not keep files across a reload; it keeps what is needed to recognise one. Storage may be full,
 * forbidden or hold rubbish: then nothing is remembered, and resuming goes by name and size.
 */
export type RememberedUpload = {
  publicationId: string;
  name: string;
  bytes: number;
  lastModifiedMs: number;
  fingerprint: string;
};

export type Memory = {
  recall(publicationId: string): RememberedUpload | null;
  remember(upload: RememberedUpload): void;
  forget(publicationId: string): void;
};

const key = "clipcast.unfinished-uploads";
/** The oldest go first; nobody has so many under way. */
const uploadsMax = 50;

export function createMemory(storage: Pick<Storage, "getItem" | "setItem">): Memory {
  const read = (): RememberedUpload[] => {
    try {
      const found: unknown = JSON.parse(storage.getItem(key) ?? "[]");
      return Array.isArray(found) ? found.filter(isRemembered) : [];
    } catch {
      return [];
    }
  };
  const write = (uploads: RememberedUpload[]) => {
    try {
      storage.setItem(key, JSON.stringify(uploads.slice(-uploadsMax)));
    } catch {
      // Full or forbidden: resuming then goes by name and size alone.
    }
  };
  const others = (publicationId: string) =>
    read().filter((upload) => upload.publicationId !== publicationId);
  return {
    recall: (publicationId) =>
      read().find((upload) => upload.publicationId === publicationId) ?? null,
    remember: (upload) => write([...others(upload.publicationId), upload]),
    forget: (publicationId) => write(others(publicationId)),
  };
}

function isRemembered(value: unknown): value is RememberedUpload {
  if (typeof value !== "object" || value === null) return false;
  const upload = value as Partial<Record<keyof RememberedUpload, unknown>>;
  return (
    typeof upload.publicationId === "string" &&
    typeof upload.name === "string" &&
    typeof upload.bytes === "number" &&
    typeof upload.lastModifiedMs === "number" &&
    typeof upload.fingerprint === "string"
  );
}
