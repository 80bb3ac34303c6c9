/**
 * From a complete upload to TikTok's word about it: the relay that moves the bytes, the checks that learn the outcome,
 * the poller that finds whatever was dropped on the way.
 */
export type { ApplyDeps } from "./apply.ts";
export { relaySlots } from "./backlog.ts";
export { type CancelResult, cancel } from "./cancel.ts";
export { check, quickDelaysMs } from "./check.ts";
export { planChunks } from "./chunks.ts";
export { type DeadLetter, deadLetter, deadLetters } from "./dead.ts";
export { leaseMs } from "./hold.ts";
export { parseCheckMessage, parseRelayMessage, sendRelay } from "./messages.ts";
export { isWaiting, turnReason } from "./park.ts";
export { poll, pollReserveMs } from "./poll.ts";
export { takePlace } from "./rate.ts";
export { type RelayDeps, type RelayResult, relay } from "./relay.ts";
export { retry } from "./retry.ts";
export { resealUploadUrl } from "./task.ts";
export { heed } from "./webhook.ts";
