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
import { createBoard, type UploadState } from "./board.ts";
import { type Crc32, crc32 } from "./crc32.ts";
import { createHolds } from "./hold.ts";
import type { UploadContext } from "./lanes.ts";
import { createLink, type Link, type LinkMemory } from "./link.ts";
import { createMeter } from "./progress.ts";
import { patientRetry, type RetryPolicy } from "./retry.ts";
import { runUpload, type UploadGoal } from "./run.ts";
import { type Runtime, systemRuntime } from "./runtime.ts";
import { createSlots, type Slots } from "./slots.ts";
import type { ByteSource } from "./source.ts";
import { browserTransport, type PartTransport } from "./transport.ts";

export type UploadHandle = {
  /** A snapshot; a new object after each change. */
  readonly state: UploadState;
  /** The completed publication. Rejects with the error in `state`, or with the reason of an abort. */
  readonly done: Promise<PublicationView>;
  /** Called after each change, a few times a second while bytes move. Returns the function that ends it. */
  subscribe(listener: (state: UploadState) => void): () => void;
  /** Stops at once; parts under way are sent again later, unless storage turns out to have them. */
  pause(): void;
  /** Goes on at once, also with what waits for its next attempt or for the session. */
  resume(): void;
  abort(): void;
};

export type UploadSettings = {
  transport?: PartTransport | undefined;
  /** Shared by uploads that share a way to storage; chooses how many parts are sent at once. */
  link?: Link | undefined;
  /** Where a link of this upload's own keeps how fast it was, such as `localStorage`. */
  linkMemory?: LinkMemory | undefined;
  /** Parts on the wire at once, instead of as many as the link deserves. Ignored when `slots` are shared. */
  concurrency?: number | undefined;
  slots?: Slots | undefined;
  signal?: AbortSignal | undefined;
  retry?: RetryPolicy | undefined;
  /** How long an upload waits for the person to sign in again before it fails; 0 fails at once. */
  sessionPatienceMs?: number | undefined;
  /** An attempt without progress for so long is given up and repeated. */
  stallMs?: number | undefined;
  crc32?: Crc32 | undefined;
  runtime?: Runtime | undefined;
};

const stallMsDefault = 45_000;
/** As long as the backend keeps an unfinished upload. */
const sessionPatienceMsDefault = 24 * 3_600_000;
const tickMs = 250;

export function createUpload(
  api: Api,
  source: ByteSource,
  goal: UploadGoal,
  settings: UploadSettings = {},
): UploadHandle {
  const stop = new AbortController();
  const runtime = settings.runtime ?? systemRuntime();
  const meter = createMeter(source.size, runtime.now());
  const holds = createHolds(runtime, {
    onOpen: () => meter.restart(runtime.now()),
    onChange: () => board.update({}),
  });
  const sent = { confirmedBytes: 0, inFlightBytesByPart: new Map<number, number>() };
  const knownId = "publicationId" in goal ? goal.publicationId : null;
  const board = createBoard({ runtime, meter, holds, sent }, knownId);
  const own = { api, source, runtime, meter, holds, sent };
  const context = { ...own, ...choicesOf(settings, runtime, stop.signal) };

  const ended = new AbortController();
  const end = () => {
    ended.abort();
    holds.end();
  };
  const tick = async () => {
    // Ends with the upload. Ticking lets the speed fall while nothing moves.
    while (!ended.signal.aborted) {
      await runtime.sleep(tickMs, ended.signal);
      if (!holds.isClosed) board.update({});
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
      end();
      board.update({ phase: "done", publicationId: publication.id, publication });
      return publication;
    },
    (error: unknown) => {
      end();
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
    pause: holds.pause,
    resume: holds.resume,
    abort: () => stop.abort(new DOMException("The upload was aborted.", "AbortError")),
  };
}

type Choices = Pick<
  UploadContext,
  "transport" | "crc32" | "link" | "retry" | "sessionPatienceMs" | "stallMs" | "signal"
>;

function choicesOf(settings: UploadSettings, runtime: Runtime, stop: AbortSignal): Choices {
  const { concurrency, linkMemory: memory } = settings;
  const fixed =
    settings.slots ?? (concurrency === undefined ? undefined : createSlots(concurrency));
  const shared = fixed === undefined ? settings.link : undefined;
  return {
    transport: settings.transport ?? browserTransport(),
    crc32: settings.crc32 ?? crc32,
    link: shared ?? createLink({ runtime, slots: fixed, memory }),
    retry: settings.retry ?? patientRetry,
    sessionPatienceMs: settings.sessionPatienceMs ?? sessionPatienceMsDefault,
    stallMs: settings.stallMs ?? stallMsDefault,
    signal: settings.signal ? AbortSignal.any([settings.signal, stop]) : stop,
  };
}
