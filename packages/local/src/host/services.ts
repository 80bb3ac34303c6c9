/**
 * The servers that stand in for AWS and TikTok, started together and ended together.
 *
 * Knows their ports and folders and nothing of what the plan puts into them. When one cannot start,
 * the others are closed again.
 */
import { join } from "node:path";
import { type RunningSandbox, type SandboxOptions, startSandbox } from "@clipcast/sandbox";
import { startDynamo } from "../dynamo/index.ts";
import { startKms } from "../kms/index.ts";
import { startS3 } from "../s3/index.ts";
import { startSqs } from "../sqs/index.ts";
import { withPort } from "./ports.ts";
import type { Secrets } from "./secrets.ts";

/** The region that every local resource is in. */
export const region = "us-east-1";

/** What an AWS SDK client needs to reach this host. */
export type Endpoints = {
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  s3: string;
  sqs: string;
  dynamodb: string;
  kms: string;
};

export type ServicesOptions = {
  dir: string;
  /** The public origin: where the sandbox sends users and webhooks back to. */
  origin: string;
  secrets: Secrets;
  s3Port: number;
  sandboxPort: number;
  isAudited: boolean;
  knobs?: SandboxOptions["knobs"];
};

export type Services = {
  endpoints: Endpoints;
  s3: Awaited<ReturnType<typeof startS3>>;
  kms: Awaited<ReturnType<typeof startKms>>;
  dynamo: Awaited<ReturnType<typeof startDynamo>>;
  sandbox: RunningSandbox;
  close(): Promise<void>;
};

export async function startServices(options: ServicesOptions): Promise<Services> {
  const { dir, secrets } = options;
  const starting = [
    withPort({ purpose: "S3", option: "--s3-port", number: options.s3Port }, () =>
      startS3({ dir: join(dir, "s3"), port: options.s3Port, region, ...secrets.s3 }),
    ),
    startSqs({ port: 0, region }),
    startKms({ port: 0, region, keyFile: join(dir, "keys.json") }),
    startDynamo({ port: 0, dir: join(dir, "dynamo") }),
    withPort(
      { purpose: "TikTok sandbox", option: "--sandbox-port", number: options.sandboxPort },
      () => startSandbox(sandboxOptions(options)),
    ),
  ] as const;
  const settled = await Promise.allSettled(starting);
  const close = async () => {
    await Promise.allSettled(
      settled.map((one) => (one.status === "fulfilled" ? one.value.close() : undefined)),
    );
  };
  try {
    const [s3, sqs, kms, dynamo, sandbox] = await Promise.all(starting);
    const urls = { s3: s3.url, sqs: sqs.url, dynamodb: dynamo.url, kms: kms.url };
    return { endpoints: { region, ...secrets.s3, ...urls }, s3, kms, dynamo, sandbox, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Each function signs by a name of its own, as it would by its role, so that the servers can tell who asks. */
export function credentialsOf({ accessKeyId, secretAccessKey }: Endpoints, functionName: string) {
  return { accessKeyId: `${accessKeyId}.${functionName}`, secretAccessKey };
}

/** The variables by which the AWS SDK finds its servers; an IP address makes S3 path-style by itself. */
export function toSdkVariables(endpoints: Endpoints): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: endpoints.accessKeyId,
    AWS_SECRET_ACCESS_KEY: endpoints.secretAccessKey,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_KMS: endpoints.kms,
  };
}

function sandboxOptions(options: ServicesOptions): SandboxOptions {
  const { dir, origin, secrets, isAudited, knobs } = options;
  const app = {
    ...secrets.tikTok,
    name: "ClipCast Publish (local)",
    redirectUris: [`${origin}/api/auth/tiktok/callback`],
    webhookUrl: `${origin}/api/tiktok/webhook`,
    isAudited,
  };
  return {
    port: options.sandboxPort,
    dir: join(dir, "sandbox"),
    apps: [app],
    ...(knobs === undefined ? {} : { knobs }),
  };
}
