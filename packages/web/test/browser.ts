/**
 * A browser as the page's state sees it: what it remembers, its locks, its tabs; and a backend whose uploads move only
 * when the test says so. Locks and channels are Node's own, which are the browser's.
 */
import type {
  Client,
  PublicationView,
  SessionResponse,
  UploadHandle,
  UploadState,
} from "@clipcast/client";
import { onTestFinished } from "vitest";
import { type Activity, createActivity } from "../src/state/activity.ts";
import { createClaims } from "../src/state/claims.ts";
import type { Memory, RememberedUpload } from "../src/state/memory.ts";
import { createTabs } from "../src/state/tabs.ts";

export const userId = "user-1";
export const file = new File(["0123456789"], "clip.mp4", { lastModified: 5 });
export const upload = {
  file,
  contentType: "video/mp4",
  handle: null,
  accountId: "account-1",
  post: { mode: "inbox" },
  consent: { agreed: true, textVersion: "1" },
} as const;

export function publication(
  status: PublicationView["status"],
  change: Partial<PublicationView> = {},
): PublicationView {
  return {
    id: "publication-1",
    accountId: "account-1",
    status,
    isSettled: ["published", "in_inbox", "failed", "cancelled"].includes(status),
    file: { name: "clip.mp4", bytes: 10, contentType: "video/mp4" },
    post: { mode: "inbox" },
    createdAtMs: 1,
    updatedAtMs: 1,
    progress: { storedBytes: 0, relayedBytes: 0, totalBytes: 10 },
    waiting: null,
    failure: null,
    canRetry: false,
    isCancelRequested: false,
    postUrl: null,
    profileUrl: null,
    history: [],
    ...change,
  };
}

/** What a browser remembers, without a browser. */
export function createFakeMemory(): Memory & { all: Map<string, RememberedUpload> } {
  const all = new Map<string, RememberedUpload>();
  const recallAll = (id: string) => [...all.values()].filter((upload) => upload.userId === id);
  return {
    all,
    recallAll: async (id) => recallAll(id),
    recall: async (id, publicationId) =>
      recallAll(id).find((upload) => upload.publicationId === publicationId) ?? null,
    remember: async (upload) => void all.set(upload.publicationId, upload),
    amend: async (publicationId, change) => {
      const found = all.get(publicationId);
      if (found !== undefined) all.set(publicationId, { ...found, ...change });
    },
    forget: async (publicationId) => void all.delete(publicationId),
  };
}

/** One upload of a tab, moved by hand. */
export type Wire = {
  goal: { publicationId?: string; signal?: AbortSignal };
  file: unknown;
  tell(change: Partial<UploadState>): void;
  finish(view: PublicationView): void;
  fail(error: unknown): void;
  state(): UploadState;
};

/** The one truth behind all tabs. */
export function createBackend(first: PublicationView[] = []) {
  const views = new Map(first.map((view) => [view.id, view]));
  const failing: { error: unknown } = { error: null };
  const answer = <T>(value: T): T => {
    if (failing.error !== null) throw failing.error;
    return value;
  };
  const viewOf = (publicationId: string) => views.get(publicationId) ?? publication("cancelled");
  const present = { session: { isSignedIn: true, me: { userId } } as SessionResponse };
  const api = {
    session: async () => answer(present.session),
    list: async () => answer({ publications: [...views.values()], nextCursor: null }),
    status: async (publicationId: string) => answer(viewOf(publicationId)),
    cancel: async (publicationId: string) => {
      const view = { ...viewOf(publicationId), status: "cancelled" as const, isSettled: true };
      views.set(publicationId, view);
      return answer(view);
    },
  };
  return { views, api, failing, present, viewOf };
}

export function createBrowser(backend = createBackend()) {
  const memory = createFakeMemory();
  // Names are the process's, and tests run beside each other.
  const name = crypto.randomUUID();
  const locks = {
    request: (lock: string, ...rest: [LockOptions, LockGrantedCallback<unknown>]) =>
      navigator.locks.request(`${name} ${lock}`, ...rest),
  } as Pick<LockManager, "request">;
  const newTab = (id = userId) => {
    const wires: Wire[] = [];
    const channel = new BroadcastChannel(name);
    let sessionEndCount = 0;
    const client = {
      api: backend.api,
      watch: async function* (publicationId: string) {
        yield backend.viewOf(publicationId);
      },
      upload: (source: unknown, goal: Wire["goal"]) => {
        const [wire, handle] = createWire(source, goal);
        wires.push(wire);
        return handle;
      },
    } as unknown as Client;
    const activity: Activity = createActivity({
      client,
      memory,
      claims: createClaims(locks),
      tabs: createTabs(channel),
      nowMs: () => 0,
      onSessionOver: () => {
        sessionEndCount += 1;
      },
    });
    const close = () => {
      activity.leave();
      channel.close();
    };
    onTestFinished(close);
    const entry = () => activity.get().entries[0];
    return {
      activity,
      wires,
      close,
      entry,
      sessionEnds: () => sessionEndCount,
      open: () => activity.open(id),
    };
  };
  return { memory, backend, locks, newTab };
}

function createWire(source: unknown, goal: Wire["goal"]): [Wire, UploadHandle] {
  const listeners = new Set<(state: UploadState) => void>();
  const outcome = Promise.withResolvers<PublicationView>();
  outcome.promise.catch(() => {});
  let state = {
    status: "starting",
    hold: null,
    publicationId: goal.publicationId ?? null,
    publication: null,
    progress: {
      sentBytes: 0,
      confirmedBytes: 0,
      totalBytes: 10,
      resentBytes: 0,
      bytesPerSecond: null,
      secondsLeft: null,
    },
    error: null,
  } as UploadState;
  const tell = (change: Partial<UploadState>) => {
    state = { ...state, ...change };
    for (const listener of listeners) listener(state);
  };
  const handle = {
    get state() {
      return state;
    },
    done: outcome.promise,
    subscribe: (listener: (state: UploadState) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    pause: () => tell({ status: "paused", hold: { reason: "paused" } }),
    resume: () => tell({ status: "uploading", hold: null }),
    abort: () => tell({ status: "aborted" }),
  } as UploadHandle;
  const fail = (error: unknown) => {
    tell({ status: "failed", error });
    outcome.reject(error);
  };
  return [{ goal, file: source, tell, finish: outcome.resolve, fail, state: () => state }, handle];
}
