/**
 * The uploads of this tab: begun, taken up again, paused, and shown where `put` leads.
 *
 * They share one set of connections, and each is remembered in the browser until storage has everything.
 */
import {
  ApiError,
  type Client,
  createSlots,
  type NewUpload,
  type PublicationView,
  UploadError,
  type UploadHandle,
} from "@clipcast/client";
import type { Entry } from "./entries.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Memory } from "./memory.ts";
import { isSessionOver } from "./session.ts";

/** What the post form hands over: the file with its real type, and the post that it is for. */
export type BeginUpload = NewUpload & {
  file: File;
  contentType: string;
  /** With it the file is found again after a reload; browsers without such handles have none. */
  handle: FileSystemFileHandle | null;
};

export type Uploads = {
  begin(upload: BeginUpload): Promise<string>;
  takeUp(view: PublicationView, file: File): Promise<boolean>;
  tryAgain(view: PublicationView): boolean;
  handleOf(publicationId: string): UploadHandle | null;
  /** Ends the upload and forgets it. */
  drop(publicationId: string): void;
};

/** Six connections to storage, however many videos share them. */
const connectionsMax = 6;

export function createUploads(deps: {
  client: Client;
  memory: Memory;
  put: (view: PublicationView, change: Pick<Entry, "upload">) => void;
  onComplete: (view: PublicationView) => void;
  /** Storage or the backend takes no more of it: something ended it elsewhere. */
  onOver: (publicationId: string) => void;
  onSessionOver: () => void;
}): Uploads {
  const { client, memory, put, onComplete } = deps;
  const slots = createSlots(connectionsMax);
  const running = new Map<string, { handle: UploadHandle; file: File; hide: () => void }>();

  const attach = (view: PublicationView, file: File, handle: UploadHandle) => {
    const show = () => put(handle.state.publication ?? view, { upload: handle.state });
    running.set(view.id, { handle, file, hide: handle.subscribe(show) });
    show();
    handle.done.then(
      (publication) => {
        running.delete(view.id);
        memory.forget(view.id);
        onComplete(publication);
      },
      // The card tells what happened, from the last state.
      (error: unknown) => {
        if (isSessionOver(error)) deps.onSessionOver();
        else if (isOver(error)) deps.onOver(view.id);
      },
    );
  };
  const send = (view: PublicationView, file: File) => {
    const goal = { publicationId: view.id, contentType: view.file.contentType, slots };
    attach(view, file, client.upload(file, goal));
  };

  const remember = async (publicationId: string, file: File) => {
    const { name, size: bytes, lastModified: lastModifiedMs } = file;
    const fingerprint = await fingerprintOf(file);
    memory.remember({ publicationId, name, bytes, lastModifiedMs, fingerprint });
  };

  return {
    begin: async ({ file, handle: _handle, ...upload }) => {
      const handle = client.upload(file, { ...upload, slots });
      const view = await begun(handle);
      attach(view, file, handle);
      remember(view.id, file).catch(() => {
        // Not readable now: resuming then goes by name and size.
      });
      return view.id;
    },
    takeUp: async (view, file) => {
      if (file.size !== view.file.bytes) return false;
      const remembered = memory.recall(view.id);
      const isSame =
        remembered === null
          ? file.name === view.file.name
          : (await fingerprintOf(file)) === remembered.fingerprint;
      if (isSame) send(view, file);
      return isSame;
    },
    tryAgain: (view) => {
      const known = running.get(view.id);
      if (known === undefined) return false;
      if (known.handle.state.status === "failed") send(view, known.file);
      return true;
    },
    handleOf: (publicationId) => running.get(publicationId)?.handle ?? null,
    drop: (publicationId) => {
      // Its last words must not cover what the backend says now.
      running.get(publicationId)?.hide();
      running.get(publicationId)?.handle.abort();
      running.delete(publicationId);
      memory.forget(publicationId);
    },
  };
}

function isOver(error: unknown): boolean {
  if (error instanceof ApiError) return error.code === "not_uploading";
  return error instanceof UploadError && error.code === "upload_gone";
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
