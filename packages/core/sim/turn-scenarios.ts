/** Lives in which a user has more videos than turns: what the faults do to whoever holds, waits for or is woken for one. */
import { askToCancel, insistOnFinish, login, upload } from "./creator.ts";
import type { Process } from "./process.ts";
import { calm, nth, openId, post, type Scenario } from "./scenario.ts";
import type { World } from "./world.ts";

const secondMs = 1_000;
/** One more than a user may have relayed at once. */
const videoCount = 5;
const sizeOf = (video: number) => 3_000_000 - video;

/** Five videos, half a second apart: the first four are relayed, the last one waits. */
async function publishAll(world: World): Promise<void> {
  const userId = await login(world, openId);
  if (userId === null) return;
  const share = async (video: number) => {
    await world.pause(video * 500);
    const given = { userId, openId, bytes: sizeOf(video), post };
    const publication = await upload(world, given, { partsMs: 0, missingPart: null });
    if (publication !== null) await insistOnFinish(world, publication, null);
  };
  await Promise.all(Array.from({ length: videoCount }, (_, video) => share(video)));
}

async function cancelLast(world: World): Promise<void> {
  await publishAll(world);
  await world.pause(secondMs);
  const publication = world.publicationOf(sizeOf(videoCount - 1));
  if (publication !== null) await askToCancel(world, publication);
}

/** Long enough that the first videos are still being sent when the last one comes. */
const slow = { ...calm, chunkMs: 20 * secondMs };

export const turnScenarios: readonly Scenario[] = [
  { ...slow, name: "turn taken and handed on", isSubject: nth("relay", 1), live: publishAll },
  { ...slow, name: "turn waited for", isSubject: nth("relay", 5), live: publishAll },
  { ...slow, name: "turn that one is woken for", isSubject: nth("relay", 6), live: publishAll },
  {
    ...slow,
    name: "cancel while waiting for a turn",
    isSubject: (process: Process) => process.kind === "api" && isLastRequest(process),
    live: cancelLast,
  },
];

/** Three for the login, and three for each video. */
function isLastRequest({ name }: Process): boolean {
  return name === `api#${3 + 3 * videoCount + 1}`;
}
