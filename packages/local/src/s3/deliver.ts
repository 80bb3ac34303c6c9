/**
 * Streams stored bytes to a client.
 *
 * Promises two buffers of memory per download, whatever the size and however slow the client: a buffer is read into again
 * only after the socket has taken it. Stops as soon as the client goes away.
 */
import type { ServerResponse } from "node:http";
import type { Blobs } from "./blobs.ts";
import type { Slice } from "./operation.ts";

/** The client closed the connection: nobody's fault. */
export class ClientGone extends Error {
  constructor(options?: { cause: unknown }) {
    super("The client went away", options);
    this.name = "ClientGone";
  }
}

/** Large reads keep the disk and the socket busy; two such buffers are all a download holds. */
const bufferBytes = 512 * 1024;

/** Returns when the last byte was taken; throws `ClientGone` when the client left. `onBytes` counts what was taken. */
export async function deliver(
  response: ServerResponse,
  blobs: Blobs,
  slices: readonly Slice[],
  onBytes: (count: number) => void,
): Promise<void> {
  const totalBytes = slices.reduce((sum, slice) => sum + slice.sizeBytes, 0);
  const size = Math.min(bufferBytes, totalBytes);
  const buffers =
    totalBytes > size
      ? [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)]
      : [Buffer.allocUnsafeSlow(size)];
  const writer = createWriter(response, onBytes);
  const taken: Promise<void>[] = buffers.map(() => Promise.resolve());
  let turn = 0;
  for (const slice of slices) {
    const file = await blobs.open(slice.blob);
    try {
      let doneBytes = 0;
      while (doneBytes < slice.sizeBytes) {
        const index = turn % buffers.length;
        const buffer = buffers[index] ?? Buffer.alloc(0);
        turn += 1;
        await taken[index];
        const wantedBytes = Math.min(buffer.length, slice.sizeBytes - doneBytes);
        const { bytesRead } = await file.read(
          buffer,
          0,
          wantedBytes,
          slice.offsetBytes + doneBytes,
        );
        if (bytesRead === 0) throw new Error(`Blob ${slice.blob} is shorter than its record says`);
        doneBytes += bytesRead;
        taken[index] = writer.write(buffer.subarray(0, bytesRead));
        // Awaited at the buffer's next turn or below; until then a failure must not count as unhandled.
        taken[index]?.catch(() => {});
      }
    } finally {
      await file.close();
    }
  }
  await Promise.all(taken);
}

function createWriter(response: ServerResponse, onBytes: (count: number) => void) {
  // A response that is closed early may never call its write callbacks, so closing settles them too.
  const waiting = new Set<(error: Error) => void>();
  let isClosed = response.destroyed;
  response.once("close", () => {
    isClosed = true;
    for (const reject of waiting) reject(new ClientGone());
  });
  return {
    write(chunk: Uint8Array): Promise<void> {
      return new Promise((resolve, reject) => {
        if (isClosed) {
          reject(new ClientGone());
          return;
        }
        waiting.add(reject);
        response.write(chunk, (error) => {
          waiting.delete(reject);
          if (error) {
            reject(new ClientGone({ cause: error }));
            return;
          }
          onBytes(chunk.length);
          resolve();
        });
      });
    },
  };
}
