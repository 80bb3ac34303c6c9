/** Uploads of many users: each as a page would do it, so many on the wire at once, all submitted in one moment. */
import type { PublicationView } from "@clipcast/client";
import { publicPost } from "../demo/post.ts";
import { inLanes } from "./lanes.ts";
import type { VideoPlan } from "./plan.ts";
import type { Turnstile } from "./turnstile.ts";
import type { User } from "./users.ts";
import { makeVideo } from "./video.ts";

export interface Submission {
  name: string;
  bytes: number;
  sha256: string;
  publicationId: string | null;
  /** When the user asked for the post. */
  submittedAtMs: number | null;
  refusal: string | null;
}

const uploadsAtOnce = 8;

/** Opens the turnstile once everything is stored, and answers when everything is submitted. */
export async function submitAll(options: {
  users: User[];
  videos: VideoPlan[];
  turnstile: Turnstile;
  onStored(bytes: number): void;
  onAllStored(): void;
}): Promise<Submission[]> {
  const { users, videos, turnstile } = options;
  const submissions: Promise<Submission>[] = [];
  await inLanes(videos, uploadsAtOnce, async (video) => {
    const { stored, submitted } = submit(users, video, turnstile);
    submissions.push(submitted);
    await stored;
    options.onStored(video.bytes);
  });
  options.onAllStored();
  turnstile.open();
  return Promise.all(submissions);
}

/** `stored`: all parts are in storage, or the upload has failed. */
export function submit(
  users: User[],
  video: VideoPlan,
  turnstile: Turnstile,
): { stored: Promise<void>; submitted: Promise<Submission> } {
  const { name, bytes } = video;
  const { client, accountIds } = userOf(users, video);
  const made = makeVideo(video);
  const digest = made.sha256();
  const upload = client.upload(made.source, {
    accountId: accountIds[video.accountIndex] ?? "",
    post: publicPost(name),
    consent: { agreed: true, textVersion: "load" },
  });
  const stored = Promise.withResolvers<void>();
  upload.subscribe(({ status }) => {
    if (status === "completing") stored.resolve();
  });
  const submitted = (async () => {
    const end = await upload.done.then(
      ({ id }: PublicationView) => ({ publicationId: id, refusal: null }),
      (error: unknown) => ({
        publicationId: upload.state.publicationId,
        refusal: String(error),
      }),
    );
    stored.resolve();
    const submittedAtMs =
      end.publicationId === null ? null : turnstile.passedAtMs(end.publicationId);
    return { name, bytes, sha256: await digest, submittedAtMs, ...end };
  })();
  return { stored: Promise.all([stored.promise, digest]).then(() => undefined), submitted };
}

function userOf(users: User[], { userIndex }: VideoPlan): User {
  const user = users[userIndex];
  if (user === undefined) throw new Error(`no user ${userIndex}`);
  return user;
}
