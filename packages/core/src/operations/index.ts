/**
 * What an operator does and asks: where one publication stands, what is stuck, what was given up, and the few pushes that
 * help. Every change goes through the machine and conditional writes, as everybody else's does, so that an operator can
 * neither lose a publication nor post it twice. Nothing here answers a token, a signed URL or an upload URL.
 */
export { type DisconnectedAccount, disconnectAll } from "./accounts.ts";
export { type Asked, ask, requeue } from "./act.ts";
export { type BuriedLetter, listDead, type Redriven, redrive } from "./dead-letters.ts";
export { createSqsGauge, type QueueDepth, type QueueGauge } from "./gauge.ts";
export { createDynamoScanner, type TableScanner } from "./scan.ts";
export { type Resealing, resealAll } from "./seal.ts";
export { createKmsResealer, type Resealer } from "./seal-kms.ts";
export { findPublication, type NextStep, type Story, storyOf, type Trouble } from "./story.ts";
export { findStuck, type StuckReport } from "./stuck.ts";
