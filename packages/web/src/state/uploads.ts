/**
 * The uploads of this tab: begun, taken up again, paused, resumed, dropped.
 *
 * They share the client's link to storage, part by part in turn, and each holds its claim from the first byte to the last, so that no other tab
 * sends the same. Each is remembered in the browser until storage has everything.
 */
import type { Client, NewUpload, PublicationView, UploadHandle } from "@clipcast/client";
import type { Picked } from "../model/picked.ts";
import type { Remedy } from "../model/remedy.ts";
import type { Claims } from "./claims.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Memory } from "./memory.ts";
import { createRuns, type RunGoal, type RunsDeps } from "./runs.ts";
import type { Shelf } from "./shelf.ts";
import type { SteerCommand } from "./tabs.ts";

/** What the post form hands over: the file with its real type, and the post that it is for. */
export type BeginUpload = NewUpload & {
  file: File;
  contentType: string;
  /** With it the file is found again after a reload; browsers without such handles have none. */
  handle: FileSystemFileHandle | null;
};

export type Uploads = {
  begin(upload: BeginUpload): Promise<string>;
  /** Sends what storage lacks. The caller has made sure of the file and has the claim. */
  send(goal: RunGoal, options: { isPaused: boolean }): void;
  tryAgain(publicationId: string): void;
  steer(publicationId: string, command: SteerCommand): void;
  has(publicationId: string): boolean;
  /** Ends the upload and forgets it. */
  drop(publicationId: string): void;
  /** Ends all; what is remembered stays. */
  leave(): void;
  /** Somebody signed in again: goes on with what waited for that. */
  regained(): void;
  /** Tries again what only the connection has stopped. */
  retryFailed(): void;
  introduce(): void;
};

export function createUploads(
  deps: RunsDeps & {
    client: Client;
    memory: Memory;
    claims: Claims;
    shelf: Shelf;
    /** Ends what is being begun; what is under way ends by `leave`. */
    signal: AbortSignal;
  },
): Uploads {
  const { client, memory, claims, shelf, userId, signal } = deps;
  const runs = createRuns({
    ...deps,
    onComplete: (view) => {
      void memory.forget(view.id);
      deps.onComplete(view);
    },
  });
  const send = (goal: RunGoal, { isPaused }: { isPaused: boolean }) => {
    const { id: publicationId, file } = goal.view;
    const { contentType } = file;
    const handle = client.upload(goal.chosen.file, { publicationId, contentType });
    if (isPaused) handle.pause();
    runs.attach(goal, handle);
  };
  const tryAgain = (publicationId: string) => {
    const run = runs.get(publicationId);
    if (run?.handle.state.status === "failed") send(run, { isPaused: false });
  };
  const retryWhere = (remedy: Remedy) => {
    for (const { view, look } of runs.all()) {
      if (look.failure?.remedy === remedy) tryAgain(view.id);
    }
  };
  const remember = async (publicationId: string, { file, handle }: Picked) => {
    const known = { publicationId, userId, handle, isPaused: false };
    await memory.remember({ ...known, fingerprint: null });
    // Not readable now: resuming then goes by name and size.
    const fingerprint = await fingerprintOf(file).catch(() => null);
    await memory.amend(publicationId, { fingerprint });
  };
  return {
    begin: async ({ file, handle, ...upload }) => {
      const uploading = client.upload(file, { ...upload, signal });
      const view = await begun(uploading);
      // Nobody else knows of it yet; a tab that is quicker still has no file, and lets go at once.
      const claim = await claims.wait(view.id, signal);
      if (signal.aborted) {
        claim.release();
        throw signal.reason;
      }
      shelf.put(view, { isListed: true });
      void remember(view.id, { file, handle });
      runs.attach({ view, claim, chosen: { file, handle } }, uploading);
      return view.id;
    },
    send,
    tryAgain,
    steer: (publicationId, command) => {
      const run = runs.get(publicationId);
      run?.handle[command]();
      if (run !== undefined) void memory.amend(publicationId, { isPaused: command === "pause" });
    },
    has: (publicationId) => runs.get(publicationId) !== undefined,
    drop: (publicationId) => {
      runs.end(publicationId);
      void memory.forget(publicationId);
    },
    leave: () => {
      for (const { view } of runs.all()) runs.end(view.id);
    },
    regained: () => {
      for (const { handle, look } of runs.all()) {
        if (look.held === "session_expired") handle.resume();
      }
      retryWhere("sign_in");
    },
    retryFailed: () => retryWhere("retry"),
    introduce: runs.introduce,
  };
}

/** The publication as soon as the backend has created it, or the error that kept it from doing so. */
function begun(handle: UploadHandle): Promise<PublicationView> {
  return new Promise((resolve, reject) => {
    const stop = handle.subscribe(({ publication }) => {
      if (publication === null) return;
      stop();
      resolve(publication);
    });
    handle.done.then(resolve, reject);
  });
}
