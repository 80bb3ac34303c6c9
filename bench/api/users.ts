/**
 * Users at once, each signed in with an upload under way: now and then its page asks for the status, and less often has a
 * hundred parts signed. A process of its own, so that what it measures is not its own host's event loop.
 */
import { setTimeout as delay } from "node:timers/promises";
import { createTurnstile } from "../../packages/local/src/load/turnstile.ts";
import { connectUsers, type User } from "../../packages/local/src/load/users.ts";
import { serveParent } from "../child.ts";
import { goal } from "../upload/goal.ts";
import { type CallName, callNames, type UsersAnswer, usersJobSchema } from "./protocol.ts";

const fileBytes = 1024 ** 3;
const partBytes = 8 * 1024 ** 2;
const signedAtOnce = 100;
/** Of every twenty calls of a user: at forty seconds for a hundred parts, all of them have fast lines. */
const callsInTurn: CallName[] = [...Array<CallName>(18).fill("status"), "sign", "health"];
/** On average; the client asks for the status of an active publication about as often. */
const pauseMs = 2_000;

const parts = Array.from({ length: signedAtOnce }, (_, partIndex) => ({
  partNumber: partIndex + 1,
  crc32: "AAAAAA==",
}));

await serveParent(usersJobSchema, async (job): Promise<UsersAnswer> => {
  const place = { url: job.url, sandboxUrl: job.sandboxUrl };
  const turnstile = createTurnstile();
  const users = await connectUsers({
    place,
    name: "bench",
    count: job.users,
    accountsEach: 1,
    turnstile,
  });
  const publicationIds: string[] = [];
  for (const user of users) publicationIds.push(await begin(user));
  const answer: UsersAnswer = {
    calls: Object.fromEntries(callNames.map((name) => [name, []])),
    failures: 0,
  };
  const beganMs = performance.now();
  await Promise.all(
    users.map((user, index) =>
      use(job, { user, publicationId: publicationIds[index] ?? "", index, beganMs }, answer),
    ),
  );
  return answer;
});

async function begin({ client, accountIds }: User): Promise<string> {
  const { contentType, ...rest } = goal;
  const { publication } = await client.api.uploadInit({
    ...rest,
    accountId: accountIds[0] ?? "",
    file: { name: "video.mp4", bytes: fileBytes, contentType },
    plan: { partBytes, crc32s: [] },
  });
  return publication.id;
}

/** One user, until the time is over. Pauses differ, so that users do not march in step. */
async function use(
  { url, seconds }: { url: string; seconds: number },
  options: { user: User; publicationId: string; index: number; beganMs: number },
  answer: UsersAnswer,
): Promise<void> {
  const { user, publicationId, index, beganMs } = options;
  const endMs = beganMs + seconds * 1000;
  const calls: Record<CallName, () => Promise<unknown>> = {
    health: async () => (await fetch(`${url}/api/health`)).text(),
    status: () => user.client.api.status(publicationId),
    sign: () => user.client.api.sign({ publicationId, parts }),
  };
  await delay((pauseMs * (index % 50)) / 50);
  for (let turn = index; performance.now() < endMs; turn += 1) {
    const name = callsInTurn[turn % callsInTurn.length] ?? "status";
    const startedMs = performance.now();
    await calls[name]().then(
      () => {
        const durationMs = performance.now() - startedMs;
        answer.calls[name]?.push({ atMs: startedMs - beganMs, durationMs });
      },
      () => {
        answer.failures += 1;
      },
    );
    await delay(pauseMs * (0.5 + ((turn * 7 + index) % 10) / 9));
  }
}
