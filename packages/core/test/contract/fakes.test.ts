import {
  createFakeSealer,
  createManualClock,
  createMemoryQueue,
  createMemoryStorage,
  createMemoryTable,
} from "@clipcast/core/testing";
import { describeQueue } from "./queue.ts";
import { describeSealer } from "./sealer.ts";
import { describeStorage } from "./storage.ts";
import { describeTable } from "./table.ts";

const close = async () => undefined;

describeTable("table in memory", async () => ({ table: createMemoryTable(), close }));

describeStorage("storage in memory", async () => {
  const storage = createMemoryStorage();
  return { storage, ranges: storage, putPart: storage.putPart, close };
});

describeQueue("queue in memory", async () => {
  const clock = createManualClock();
  const queue = createMemoryQueue({ clock });
  const receive = async () => queue.take().map(({ body, groupId }) => ({ body, groupId }));
  return { queue, advance: clock.advance, receive, close };
});

describeSealer("fake sealer", async () => ({ sealer: createFakeSealer(), close }));
