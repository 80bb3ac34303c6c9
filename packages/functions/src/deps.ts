/**
 * Where the deployed functions meet their surroundings: the only file that reads SST's `Resource`, the clock and
 * randomness. Links are validated once, at cold start, and a missing one is named.
 *
 * AWS clients take region, credentials and endpoints from the environment, as Lambda and the local host set them.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { createRangeReader, createS3Storage, s3ClientConfig } from "@clipcast/core/storage";
import {
  type Clock,
  createKmsSealer,
  createSqsQueue,
  type Log,
  type Random,
} from "@clipcast/core/system";
import { createDynamoTable } from "@clipcast/core/table";
import { createChunkSender, createTikTokApi } from "@clipcast/core/tiktok";
import { createWire } from "@clipcast/core/wire";
import { Resource } from "sst";
import * as z from "zod/mini";
import { createLog } from "./log.ts";

const named = z.object({ name: z.string().check(z.minLength(1)) });
const addressed = z.object({ url: z.url() });
const secret = z.object({ value: z.string().check(z.minLength(1)) });

/** What each link holds. Properties that SST adds (`type`) are ignored. */
const links = {
  App: z.object({ name: z.string(), stage: z.string() }),
  Table: named,
  Bucket: named,
  RelayQueue: addressed,
  CheckQueue: addressed,
  SealKey: z.object({ arn: z.string().check(z.minLength(1)) }),
  TikTokClientKey: secret,
  TikTokClientSecret: secret,
  TikTok: z.object({
    authorizeUrl: z.url(),
    apiUrl: z.url(),
    uploadHostSuffix: z.string().check(z.minLength(1)),
  }),
  Site: z.object({ origin: z.url() }),
  Settings: z.object({
    maxFileBytes: z.int().check(z.positive()),
    isAudited: z.boolean(),
    usesPkce: z._default(z.boolean(), false),
  }),
};

type Links = typeof links;

function link<Name extends keyof Links>(name: Name): z.infer<Links[Name]> {
  let value: unknown;
  try {
    value = (Resource as unknown as Record<string, unknown>)[name];
  } catch (cause) {
    // A JSON error quotes the text that it could not read, and that may be a secret.
    if (cause instanceof SyntaxError) throw new Error("the links cannot be read: one is not JSON");
    throw new Error(`the link ${name} is missing`, { cause });
  }
  const parsed = links[name].safeParse(value);
  if (parsed.success) return parsed.data as z.infer<Links[Name]>;
  const fields = parsed.error.issues.map((issue) => issue.path.join(".")).join(", ");
  // Values may be secrets, so only their names are told.
  throw new Error(`the link ${name} is wrong: ${fields}`);
}

const clock: Clock = {
  nowMs: () => Date.now(),
  async wait(delayMs, signal) {
    await delay(delayMs, undefined, signal ? { signal } : {}).catch(() => undefined);
  },
};
const random: Random = { bytes: (count) => randomBytes(count) };

interface BaseOptions {
  /** Those that the function knows; none of them passes its log. */
  secrets?: string[];
  gathersReads?: boolean;
}

const base = ({ secrets = [], gathersReads = false }: BaseOptions = {}) => ({
  clock,
  random,
  log: createLog({ stage: link("App").stage, secrets }),
  table: createDynamoTable({
    client: new DynamoDBClient({}),
    tableName: link("Table").name,
    gathersReads,
  }),
});

const bucketLink = () => ({ client: new S3Client(s3ClientConfig), bucket: link("Bucket").name });
const storage = () => ({ storage: createS3Storage(bucketLink()) });

const queue = (name: "RelayQueue" | "CheckQueue", client = new SQSClient({})) =>
  createSqsQueue({ client, url: link(name).url });
const queues = (client = new SQSClient({})) => ({
  relayQueue: queue("RelayQueue", client),
  checkQueue: queue("CheckQueue", client),
});

const webhookSecrets = () => ({
  clientKey: link("TikTokClientKey").value,
  clientSecret: link("TikTokClientSecret").value,
});

const tiktok = (redirectUri: string) => {
  const { authorizeUrl, apiUrl, uploadHostSuffix } = link("TikTok");
  const config = { authorizeUrl, apiUrl, uploadHostSuffix, redirectUri, ...webhookSecrets() };
  return {
    tiktok: createTikTokApi(config, { fetch }),
    sealer: createKmsSealer({ client: new KMSClient({}), keyId: link("SealKey").arn }),
  };
};

/** Only the login sends a redirect URI; the workers never do. */
const workerRedirectUri = "";

/** Those that talk to TikTok, or hear from it. */
const secretive = (options: BaseOptions = {}) =>
  base({ ...options, secrets: [link("TikTokClientSecret").value] });

export function apiDeps() {
  // As browsers send it: without a path or a trailing slash.
  const { origin } = new URL(link("Site").origin);
  return {
    ...secretive({ gathersReads: true }),
    ...storage(),
    ...queues(),
    ...tiktok(`${origin}/api/auth/tiktok/callback`),
    settings: link("Settings"),
    origin,
    /** Where public posts live: the site that also shows the consent page. */
    tiktokOrigin: new URL(link("TikTok").authorizeUrl).origin,
    stage: link("App").stage,
  };
}

export function webhookDeps() {
  return { ...secretive(), checkQueue: queue("CheckQueue"), ...webhookSecrets() };
}

export function workerDeps(options: BaseOptions = {}) {
  return { ...secretive(options), ...storage(), ...queues(), ...tiktok(workerRedirectUri) };
}

export function relayDeps() {
  const wire = createWire({ clock });
  return {
    ...workerDeps(),
    ranges: createRangeReader({ ...bucketLink(), wire, clock }),
    sendChunk: createChunkSender({ wire }),
  };
}

/** The dead-letter handler only ends publications; it never starts anything. */
export function deadDeps() {
  const nothing = () => Promise.reject(new Error("the dead-letter handler has no queue"));
  const never = { send: nothing, waiting: nothing };
  return { ...base(), ...storage(), relayQueue: never, checkQueue: never };
}

/** What the apps use: to name the invocation is the entry's part. */
type InApp<Deps> = Omit<Deps, "log"> & { log: Log };
export type ApiDeps = InApp<ReturnType<typeof apiDeps>>;
export type WebhookDeps = InApp<ReturnType<typeof webhookDeps>>;
