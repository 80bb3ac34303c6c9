/**
 * In-memory stand-ins for every port, for tests and the simulation. They keep the ports' contracts, which one suite per
 * port checks here and against the embedded servers, and they know nothing of time but the clock they are given.
 */
export { createManualClock, type ManualClock } from "./clock.ts";
export { createMemoryQueue, type MemoryQueue } from "./queue.ts";
export { crc32Of, createMemoryStorage, type MemoryStorage } from "./storage.ts";
export { createFakeSealer, createRecordingLog, createSeededRandom } from "./system.ts";
export { createMemoryTable, type MemoryTable } from "./table.ts";
export { createFakeTikTok, type FakeTikTok } from "./tiktok.ts";
export {
  createWorld,
  openId,
  publicPost,
  sha256,
  userId,
  videoBytes,
  type World,
} from "./world.ts";
