/** Our API on the stage: the product's routes, with one creator who is signed in already. */
import type { S3Client } from "@aws-sdk/client-s3";
import { createSession } from "@clipcast/core/auth";
import { createS3Storage, type StorageStore } from "@clipcast/core/storage";
import { userId } from "@clipcast/core/testing";
import type { ApiDeps } from "../../packages/functions/src/deps.ts";
import { createApp } from "../../packages/functions/src/http/app.ts";
import { createLiveWorld, liveClock } from "../live-world.ts";
import { bucket } from "./bucket.ts";

const sessionCookie = "__Host-clipcast-session";

export async function createApi(options: {
  client: S3Client;
  /** Signs for the address that uploaders use. */
  signer: S3Client;
  origin: string;
  /** Instead of an object of parts. */
  storage?: StorageStore | undefined;
}): Promise<(request: Request) => Promise<Response>> {
  const world = await createLiveWorld();
  await world.connect();
  const { signPart } = createS3Storage({ client: options.signer, bucket });
  const deps = {
    ...world.deps,
    clock: liveClock,
    storage: options.storage ?? {
      ...createS3Storage({ client: options.client, bucket }),
      signPart,
    },
    settings: { maxFileBytes: 4_294_967_296, isAudited: false, usesPkce: false },
    origin: options.origin,
    tiktokOrigin: "https://www.tiktok.invalid",
    stage: "bench",
  } satisfies ApiDeps;
  const app = createApp(deps);
  const session = await createSession(deps, userId);
  return async (request) => {
    // A browser keeps this cookie for https and localhost only; the stage adds it to what anybody asks.
    request.headers.set("cookie", `${sessionCookie}=${session}`);
    return app.request(request);
  };
}
