/**
 * Parts that storage may have although no answer said so: the answer was lost, or the attempt was interrupted after it.
 *
 * They are looked up before they are sent again, which on a slow line spares minutes. Asking is only a kindness, since
 * sending a part twice is safe: it is one call, without patience, and when it fails the part is sent.
 */
import type { Api } from "./api.ts";
import type { Checksums, Part } from "./checksums.ts";
import type { Runtime } from "./runtime.ts";

export type Lookup = {
  /** Whether storage has the part with the bytes that the file has now; false when nobody can tell. */
  has(part: Part): Promise<boolean>;
};

/** Most lines answer in a fraction of it; on others, sending again is not much worse than waiting on. */
const patienceMs = 5_000;

export function createLookup(context: {
  api: Pick<Api, "parts">;
  publicationId: string;
  checksums: Pick<Checksums, "get">;
  runtime: Pick<Runtime, "deadline">;
  signal: AbortSignal;
}): Lookup {
  const { api, publicationId, checksums, runtime } = context;
  let asked: Promise<ReadonlyMap<number, string>> | null = null;

  const ask = async () => {
    const signal = AbortSignal.any([context.signal, runtime.deadline(patienceMs)]);
    try {
      const { parts } = await api.parts(publicationId, { signal });
      return new Map(parts.map(({ partNumber, crc32 }) => [partNumber, crc32]));
    } catch {
      return new Map<number, string>();
    } finally {
      asked = null;
    }
  };
  return {
    has: async ({ partNumber }) => {
      // All lanes are interrupted, and ask, at the same moment.
      asked ??= ask();
      const crc32 = (await asked).get(partNumber);
      context.signal.throwIfAborted();
      return crc32 !== undefined && crc32 === checksums.get(partNumber);
    },
  };
}
