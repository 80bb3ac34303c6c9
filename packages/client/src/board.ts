/** The state of an upload as others see it: keeps the latest snapshot and tells whoever listens. */
import type { PublicationView } from "@clipcast/functions/contract";
import type { Hold, Holds } from "./hold.ts";
import type { Meter, Progress } from "./progress.ts";
import type { Runtime } from "./runtime.ts";

export type UploadStatus =
  | "starting"
  | "uploading"
  | "paused"
  | "completing"
  | "done"
  | "failed"
  | "aborted";

export type UploadState = {
  /** `paused` while nothing moves because of the person, the network or the session; `hold` says which. */
  status: UploadStatus;
  /** What is in the way; null while nothing is. Without a session, the parts that can still go do. */
  hold: Hold | null;
  /** Null until the backend has created the publication; keep it, it is what an upload resumes from. */
  publicationId: string | null;
  /** As the backend last described it to this upload; null while a resumed one is under way. */
  publication: PublicationView | null;
  progress: Progress;
  /** Why it failed; null otherwise. */
  error: unknown;
};

export type Board = {
  readonly state: UploadState;
  update(change: Partial<Facts>): void;
  subscribe(listener: (state: UploadState) => void): () => void;
};

type Facts = Omit<UploadState, "status" | "hold" | "progress"> & {
  phase: Exclude<UploadStatus, "paused">;
};

export function createBoard(
  context: {
    runtime: Pick<Runtime, "now">;
    meter: Meter;
    holds: Pick<Holds, "hold" | "isMoving">;
    sent: { confirmedBytes: number; inFlightBytesByPart: ReadonlyMap<number, number> };
  },
  knownId: string | null,
): Board {
  const { runtime, meter, holds, sent } = context;
  const listeners = new Set<(state: UploadState) => void>();
  let facts: Facts = { phase: "starting", publicationId: knownId, publication: null, error: null };

  const snapshot = (): UploadState => {
    let inFlightBytes = 0;
    for (const bytes of sent.inFlightBytesByPart.values()) inFlightBytes += bytes;
    const { confirmedBytes } = sent;
    const { phase, ...rest } = facts;
    const progress = meter.read({ nowMs: runtime.now(), confirmedBytes, inFlightBytes });
    return { ...rest, ...standing(phase, holds), progress };
  };
  let state = snapshot();

  return {
    get state() {
      return state;
    },
    update: (change) => {
      facts = { ...facts, ...change };
      state = snapshot();
      for (const listener of listeners) listener(state);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}

function standing(
  phase: Facts["phase"],
  { hold, isMoving }: Pick<Holds, "hold" | "isMoving">,
): Pick<UploadState, "status" | "hold"> {
  const isUnderWay = phase === "starting" || phase === "uploading" || phase === "completing";
  if (!isUnderWay || hold === null) return { status: phase, hold: null };
  // Once everything is stored there is nothing to pause.
  if (hold.reason === "paused" && phase === "completing") return { status: phase, hold: null };
  const goesOn = hold.reason === "retrying" || (hold.reason === "session_expired" && isMoving);
  return { status: goesOn ? phase : "paused", hold };
}
