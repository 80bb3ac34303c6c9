/**
 * One upload from its first request to `complete`: a handle to watch, pause, resume and abort it.
 *
 *   starting ─▶ uploading ⇄ paused ─▶ completing ─▶ done
 *       └───────────┴─────────┴──────────┴───────▶ failed(error) | aborted
 *
 * Whatever ends it early, parts that storage confirmed stay there: `createUpload` with the `publicationId` sends only what
 * is missing. Aborting stops the sending and nothing else; giving the publication up is `api.cancel`.
 */
import type { PublicationView } from "@clipcast/functions/contract";
import type { Api } from "./api.ts";
import type { Hold } from "./hold.ts";
import type { UploadContext } from "./lanes.ts";
import { createPause } from "./pause.ts";
import { createMeter, type Progress } from "./progress.ts";
import { patientRetry, type RetryPolicy } from "./retry.ts";
import { runUpload, type UploadGoal } from "./run.ts";
import { type Runtime, systemRuntime } from "./runtime.ts";
import { createSlots, type Slots } from "./slots.ts";
import type { ByteSource } from "./source.ts";
import { browserTransport, type PartTransport } from "./transport.ts";

export type UploadStatus =
  | "starting"
  | "uploading"
  | "paused"
  | "completing"
  | "done"
  | "failed"
  | "aborted";

export type UploadState = {
  /** `paused` while it is held by the person, by the network or by the session; `hold` says which. */
  status: UploadStatus;
  /** Why nothing moves; null while something does. */
  hold: Hold | null;
  /** Null until the backend has created the publication; keep it, it is what an upload resumes from. */
  publicationId: string | null;
  /** As the backend last described it to this upload; null while a resumed one is under way. */
  publication: PublicationView | null;
  progress: Progress;
  /** Why it failed; null otherwise. */
  error: unknown;
};

export type UploadHandle = {
  /** A snapshot; a new object after each change. */
  readonly state: UploadState;
  /** The completed publication. Rejects with the error in `state`, or with the reason of an abort. */
  readonly done: Promise<PublicationView>;
  /** Called after each change, a few times a second while bytes move. Returns the function that ends it. */
  subscribe(listener: (state: UploadState) => void): () => void;
  /** Stops at once; parts under way are sent again later. */
  pause(): void;
  resume(): void;
  abort(): void;
};

export type UploadSettings = {
  transport?: PartTransport | undefined;
  /** Parts on the wire at once. Ignored when `slots` are shared. */
  concurrency?: number | undefined;
  slots?: Slots | undefined;
  signal?: AbortSignal | undefined;
  retry?: RetryPolicy | undefined;
  /** An attempt without progress for so long is given up and repeated. */
  stallMs?: number | undefined;
  runtime?: Runtime | undefined;
};

/** Fills a long fat link, and a browser opens no more than six connections to one host. */
const concurrencyDefault = 6;
const stallMsDefault = 45_000;
const tickMs = 250;

export function createUpload(
  api: Api,
  source: ByteSource,
  goal: UploadGoal,
  settings: UploadSettings = {},
): UploadHandle {
  const stop = new AbortController();
  const context = contextOf(api, source, settings, stop.signal);
  const { pause, meter, runtime } = context;
  const board = createBoard(context, "publicationId" in goal ? goal.publicationId : null);

  const ended = new AbortController();
  const tick = async () => {
    // Ends with the upload. Ticking lets the speed fall while nothing moves.
    while (!ended.signal.aborted) {
      await runtime.sleep(tickMs, ended.signal);
      if (!pause.isPaused) board.update({});
    }
  };
  const done = runUpload(
    {
      ...context,
      onBegun: (publication) => board.update({ publicationId: publication.id, publication }),
      onPhase: (phase) => board.update({ phase }),
      onConfirmed: () => board.update({}),
    },
    goal,
  ).then(
    (publication) => {
      ended.abort();
      board.update({ phase: "done", publicationId: publication.id, publication });
      return publication;
    },
    (error: unknown) => {
      ended.abort();
      board.update(context.signal.aborted ? { phase: "aborted" } : { phase: "failed", error });
      throw error;
    },
  );
  tick().catch(() => {});
  // The failure is also in `state`; whoever only subscribes must not crash on an unhandled rejection.
  done.catch(() => {});

  return {
    get state() {
      return board.state;
    },
    done,
    subscribe: board.subscribe,
    pause: () => {
      pause.pause();
      board.update({});
    },
    resume: () => {
      meter.restart(runtime.now());
      pause.resume();
      board.update({});
    },
    abort: () => stop.abort(new DOMException("The upload was aborted.", "AbortError")),
  };
}

type Context = Omit<UploadContext, "onBegun" | "onPhase" | "onConfirmed">;

function contextOf(
  api: Api,
  source: ByteSource,
  settings: UploadSettings,
  stop: AbortSignal,
): Context {
  const runtime = settings.runtime ?? systemRuntime();
  return {
    api,
    source,
    runtime,
    transport: settings.transport ?? browserTransport(),
    slots: settings.slots ?? createSlots(settings.concurrency ?? concurrencyDefault),
    retry: settings.retry ?? patientRetry,
    stallMs: settings.stallMs ?? stallMsDefault,
    signal: settings.signal ? AbortSignal.any([settings.signal, stop]) : stop,
    pause: createPause(),
    meter: createMeter(source.size, runtime.now()),
    sent: { confirmedBytes: 0, inFlightBytesByPart: new Map() },
  };
}

type Facts = {
  phase: Exclude<UploadStatus, "paused">;
  publicationId: string | null;
  publication: PublicationView | null;
  error: unknown;
};

/** Where the state is posted: keeps the latest snapshot and tells whoever listens. */
function createBoard(context: Context, knownId: string | null) {
  const { meter, runtime, sent, pause } = context;
  const listeners = new Set<(state: UploadState) => void>();
  let facts: Facts = { phase: "starting", publicationId: knownId, publication: null, error: null };

  const snapshot = (): UploadState => {
    let inFlightBytes = 0;
    for (const bytes of sent.inFlightBytesByPart.values()) inFlightBytes += bytes;
    const { confirmedBytes } = sent;
    const { phase, ...rest } = facts;
    const isHeld = pause.isPaused && (phase === "starting" || phase === "uploading");
    const progress = meter.read({ nowMs: runtime.now(), confirmedBytes, inFlightBytes });
    const hold = isHeld ? ({ reason: "paused" } as const) : null;
    return { ...rest, status: isHeld ? "paused" : phase, hold, progress };
  };
  let state = snapshot();

  return {
    get state() {
      return state;
    },
    update: (change: Partial<Facts>) => {
      facts = { ...facts, ...change };
      state = snapshot();
      for (const listener of listeners) listener(state);
    },
    subscribe: (listener: (state: UploadState) => void) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
