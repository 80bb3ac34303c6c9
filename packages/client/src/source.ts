/**
 * Where an upload's bytes come from.
 *
 * A source gives any range of itself, as often as asked, without holding the whole: a part is read for its
 * checksum, for the wire, and again when an attempt failed. `blobSource` serves files in the browser; `fileSource` in `@clipcast/client/node` serves paths.
 */
export type PartBody = Blob | Uint8Array | AsyncIterable<Uint8Array>;

export type ByteSource = {
  readonly name: string;
  readonly contentType: string;
  /** Length in bytes. */
  readonly size: number;
  slice(firstByte: number, bytes: number): PartBody;
  /** False once the bytes can no longer be those that were chosen: the file was changed, moved or removed. */
  isIntact(): Promise<boolean>;
};

export type SourceNaming = {
  name?: string | undefined;
  contentType?: string | undefined;
};

export function blobSource(blob: Blob, naming: SourceNaming = {}): ByteSource {
  return {
    name: naming.name ?? (blob instanceof File ? blob.name : "video"),
    contentType: naming.contentType ?? blob.type,
    size: blob.size,
    slice: (firstByte, bytes) => blob.slice(firstByte, firstByte + bytes),
    isIntact: async () => {
      try {
        // A browser reads a file lazily and refuses when it has changed on disk; one byte is enough to learn.
        await blob.slice(0, 1).arrayBuffer();
        return true;
      } catch {
        return false;
      }
    },
  };
}
