/**
 * The client of ClipCast Publish: what a page or a program embeds.
 *
 * `createClient` puts the typed API, the upload engine and the watch together; each is also exported by itself for
 * those who replace a part. Runs in browsers and, by way of `@clipcast/client/node`, in Node 20 and later.
 */
import type { PublicationView } from "@clipcast/functions/contract";
import { type Api, type ApiOptions, createApi } from "./api.ts";
import { createLink, type LinkMemory } from "./link.ts";
import type { PaceBounds } from "./pace.ts";
import type { UploadGoal } from "./run.ts";
import { systemRuntime } from "./runtime.ts";
import { type ByteSource, blobSource, type SourceNaming } from "./source.ts";
import { createUpload, type UploadHandle, type UploadSettings } from "./upload.ts";
import { type WatchOptions, watch } from "./watch.ts";

export type Client = {
  api: Api;
  /** Begins at once, or resumes when the goal names a `publicationId`. */
  upload(
    file: Blob | ByteSource,
    options: UploadGoal & UploadSettings & SourceNaming,
  ): UploadHandle;
  watch(publicationId: string, options?: WatchOptions): AsyncGenerator<PublicationView, void>;
};

export type ClientOptions = ApiOptions &
  Pick<UploadSettings, "transport" | "crc32" | "sessionPatienceMs"> & {
    /** Where to keep how fast the link was, such as `localStorage`: the next upload begins with fitting parts. */
    linkMemory?: LinkMemory;
    /** How few and how many parts may be on the wire at once; 2 to 6 in a browser. */
    bounds?: PaceBounds;
  };

export function createClient(options: ClientOptions): Client {
  const api = createApi(options);
  const { linkMemory, bounds, runtime: clock = systemRuntime() } = options;
  const link = createLink({ runtime: clock, bounds, memory: linkMemory });
  const defaults = {
    transport: options.transport,
    crc32: options.crc32,
    sessionPatienceMs: options.sessionPatienceMs,
    runtime: options.runtime,
    link,
    linkMemory,
  };
  const shared = options.runtime === undefined ? {} : { runtime: options.runtime };
  return {
    api,
    upload: (file, given) => {
      const { name, contentType, settings, goal } = sorted(given);
      const source = file instanceof Blob ? blobSource(file, { name, contentType }) : file;
      return createUpload(api, source, goal, { ...defaults, ...settings });
    },
    watch: (publicationId, given) => watch(api, publicationId, { ...shared, ...given }),
  };
}

/** What a caller may give with an upload, told apart; the rest is the goal, and the backend refuses what it does not know. */
function sorted(given: UploadGoal & UploadSettings & SourceNaming) {
  const { name, contentType, transport, link, linkMemory, concurrency, slots, ...others } = given;
  const { signal, retry, sessionPatienceMs, stallMs, crc32, runtime, ...goal } = others;
  const told = { transport, link, linkMemory, concurrency, slots, signal, retry };
  const all = { ...told, sessionPatienceMs, stallMs, crc32, runtime };
  const settings = Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined),
  ) as UploadSettings;
  return { name, contentType, settings, goal };
}

export type {
  AccountView,
  CreatorInfoResponse,
  InitRequest,
  ListResponse,
  MeResponse,
  PostSettings,
  PublicationView,
  SessionResponse,
} from "@clipcast/functions/contract";
export { type Api, type ApiOptions, type CallOptions, createApi } from "./api.ts";
export type { UploadState, UploadStatus } from "./board.ts";
export { crc32 } from "./crc32.ts";
export { ApiError, NetworkError, UploadError, type UploadErrorCode } from "./errors.ts";
export type { Hold } from "./hold.ts";
export { createLink, type Link, type LinkMemory } from "./link.ts";
export type { PaceBounds } from "./pace.ts";
export type { Progress } from "./progress.ts";
export { patientRetry, type RetryPolicy } from "./retry.ts";
export type { NewUpload, UploadGoal } from "./run.ts";
export { type Runtime, systemRuntime } from "./runtime.ts";
export { createSlots, type Slots } from "./slots.ts";
export { type ByteSource, blobSource, type PartBody, type SourceNaming } from "./source.ts";
export {
  fetchTransport,
  type PartAnswer,
  type PartRequest,
  type PartTransport,
  xhrTransport,
} from "./transport.ts";
export {
  createUpload,
  type UploadHandle,
  type UploadSettings,
} from "./upload.ts";
export { isLinkExpected, type WatchOptions, watch } from "./watch.ts";
