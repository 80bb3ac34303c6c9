/**
 * From running servers to what the plan names in them: provisions everything, and answers the links
 * that functions will read.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { System } from "@clipcast/infra/plan";
import { createTtlSweeper } from "../dynamo/ttl.ts";
import { type Links, resolveLinks } from "./links.ts";
import {
  physicalName,
  provisionBucket,
  provisionQueues,
  provisionTable,
  type Queue,
} from "./provision.ts";
import type { Secrets } from "./secrets.ts";
import { credentialsOf, type Services } from "./services.ts";

export type Resources = {
  links: Links;
  queueByName: Map<string, Queue>;
  /** For an event source, which takes messages in its function's name. */
  consumerFor(functionName: string): SQSClient;
  /** One for each table that has a TTL attribute. */
  sweeps: (() => Promise<unknown>)[];
  /** Ends the clients' connections. */
  close(): void;
};

export async function createResources(options: {
  system: System;
  services: Services;
  secrets: Secrets;
  origin: string;
}): Promise<Resources> {
  const { system, services, secrets, origin } = options;
  const { endpoints } = services;
  const nameOf = (name: string) => physicalName(system, name);
  const { region, accessKeyId, secretAccessKey } = endpoints;
  const config = { region, credentials: { accessKeyId, secretAccessKey } };
  const dynamodb = new DynamoDBClient({ ...config, endpoint: endpoints.dynamodb });
  const s3 = new S3Client({ ...config, endpoint: endpoints.s3, forcePathStyle: true });
  const sqs = new SQSClient({ ...config, endpoint: endpoints.sqs });

  const consumers: SQSClient[] = [];

  const values: Record<string, string> = {};
  const [queueByName] = await Promise.all([
    provisionQueues(sqs, nameOf, system.queues),
    ...system.tables.map((spec) => provisionTable(dynamodb, nameOf(spec.name), spec)),
    ...system.buckets.map((spec) => provisionBucket(s3, nameOf(spec.name), spec, origin)),
  ]);
  for (const { name } of [...system.tables, ...system.buckets])
    values[`${name}.name`] = nameOf(name);
  for (const [name, queue] of queueByName) {
    values[`${name}.url`] = queue.url;
    values[`${name}.arn`] = queue.arn;
  }
  for (const { name } of system.keys) values[`${name}.arn`] = services.kms.arn(name);

  const overrides: Links = {
    Site: { origin },
    TikTokClientKey: { value: secrets.tikTok.clientKey },
    TikTokClientSecret: { value: secrets.tikTok.clientSecret },
    TikTok: {
      authorizeUrl: `${services.sandbox.url}/v2/auth/authorize/`,
      apiUrl: services.sandbox.url,
      uploadHostSuffix: new URL(services.sandbox.url).hostname,
    },
  };
  return {
    links: resolveLinks(system, { values, overrides }),
    queueByName,
    consumerFor(functionName) {
      const credentials = credentialsOf(endpoints, functionName);
      const client = new SQSClient({ region, credentials, endpoint: endpoints.sqs });
      consumers.push(client);
      return client;
    },
    sweeps: system.tables.flatMap(({ name, ttlAttribute }) => {
      if (ttlAttribute === null) return [];
      const sweep = createTtlSweeper({ client: dynamodb, tableName: nameOf(name), ttlAttribute });
      return [() => sweep(Date.now())];
    }),
    close() {
      for (const client of [dynamodb, s3, sqs, ...consumers]) client.destroy();
    },
  };
}
