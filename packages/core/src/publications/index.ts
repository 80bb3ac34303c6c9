/**
 * Publications: one post from upload to outcome. The record, the machine that alone writes its status, and the rows
 * that find it again.
 */
export {
  attemptsMax,
  type Command,
  type Event,
  type Failure,
  firstCheckDelayMs,
  isRetryable,
  isSettled,
  mayStillBeOpened,
  relayGraceMs,
  retryWindowMs,
  transition,
  uploadLifetimeMs,
} from "./machine.ts";
export {
  type ChunkTask,
  type Publication,
  type PublicationStatus,
  publicationSchema,
} from "./record.ts";
export {
  dueKeys,
  dueShards,
  findById,
  findByPublishId,
  findOwn,
  type Known,
  listOwn,
  loadByKey,
  loadPublication,
  publicationKey,
  rememberOwner,
  rememberPublishId,
  revise,
  reviseKnown,
  type StoredPublication,
  saveNew,
  savePublication,
} from "./store.ts";
