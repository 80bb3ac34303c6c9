/**
 * The client of ClipCast Publish: what a page or a program embeds.
 *
 * `createClient` puts the typed API, the upload engine and the watch together; each is also exported by itself for
 * those who replace a part. Runs in browsers and, by way of `@clipcast/client/node`, in Node 20 and later.
 */
import type { PublicationView } from "@clipcast/functions/contract";
import { type Api, type ApiOptions, createApi } from "./api.ts";
import type { UploadGoal } from "./run.ts";
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

export function createClient(options: ApiOptions & Pick<UploadSettings, "transport">): Client {
  const api = createApi(options);
  const shared = options.runtime === undefined ? {} : { runtime: options.runtime };
  return {
    api,
    upload: (file, given) => {
      const { transport = options.transport, concurrency, slots, signal, retry, ...rest } = given;
      const { stallMs, runtime = options.runtime, name, contentType, ...goal } = rest;
      const source = file instanceof Blob ? blobSource(file, { name, contentType }) : file;
      const settings = { transport, concurrency, slots, signal, retry, stallMs, runtime };
      return createUpload(api, source, goal, settings);
    },
    watch: (publicationId, given) => watch(api, publicationId, { ...shared, ...given }),
  };
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
export { ApiError, NetworkError, UploadError, type UploadErrorCode } from "./errors.ts";
export type { Hold } from "./hold.ts";
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
  type UploadState,
  type UploadStatus,
} from "./upload.ts";
export { isLinkExpected, type WatchOptions, watch } from "./watch.ts";
