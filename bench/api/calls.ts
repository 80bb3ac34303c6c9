/**
 * What each route asks of AWS, counted where the requests arrive: the host's servers are in this process, and Node tells of
 * each request that they get. packages/functions/test/http/table-calls.test.ts holds the table's share of it.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { IncomingMessage } from "node:http";
import type { Client } from "@clipcast/client";
import { createNodeClient } from "@clipcast/client/node";
import type { LocalHost } from "@clipcast/local";
import { logIn } from "../../packages/local/src/demo/login.ts";
import { type Figure, type Figures, type Reported, type Row, toResult } from "../report.ts";
import { goal } from "../upload/goal.ts";

const services = ["dynamodb", "s3", "kms", "sqs"] as const;
type Service = (typeof services)[number];

const figures: Figure[] = [
  { key: "dynamodb", title: "DynamoDB", digits: 0 },
  { key: "s3", title: "S3", digits: 0 },
  { key: "kms", title: "KMS", digits: 0 },
  { key: "sqs", title: "SQS", digits: 0 },
  { key: "tiktok", title: "TikTok", digits: 0 },
];
const channel = "http.server.request.start";
const fileBytes = 1024 ** 3;
const partBytes = 8 * 1024 ** 2;
const signedAtOnce = 100;

/** The host must run no schedules: they would be counted too. */
export async function countCalls(host: LocalHost): Promise<Reported> {
  const rows: Row[] = [];
  const { client, routes } = await prepare(host);
  for (const { name, call } of routes) {
    // The first call may open a token that later ones find open.
    await call(client);
    rows.push({ name, ...(await counted(host, () => call(client))) });
  }
  const result = toResult({
    benchmark: "api calls",
    setting: { signedAtOnce },
    figures,
    rows,
    baselines: [],
    legend: { DynamoDB: "requests to each service, counted where they arrive" },
  });
  return { result, figures };
}

async function prepare(host: LocalHost) {
  const cookie = await logIn(host);
  const client = createNodeClient({ baseUrl: host.url, headers: { cookie } });
  const { accounts } = await client.api.me();
  const accountId = accounts[0]?.id ?? "";
  const { contentType, ...rest } = goal;
  const init = (api: Client["api"]) =>
    api.uploadInit({
      ...rest,
      accountId,
      file: { name: "video.mp4", bytes: fileBytes, contentType },
      plan: { partBytes, crc32s: [] },
    });
  const { id } = (await init(client.api)).publication;
  const parts = Array.from({ length: signedAtOnce }, (_, partIndex) => ({
    partNumber: partIndex + 1,
    crc32: "AAAAAA==",
  }));
  const routes: { name: string; call(client: Client): Promise<unknown> }[] = [
    { name: "session", call: ({ api }) => api.session() },
    { name: "me", call: ({ api }) => api.me() },
    { name: "publications", call: ({ api }) => api.list() },
    { name: "creator-info", call: ({ api }) => api.creatorInfo(accountId) },
    { name: "upload-init", call: ({ api }) => init(api) },
    { name: "upload-chunk, 100 parts", call: ({ api }) => api.sign({ publicationId: id, parts }) },
    { name: "upload-parts", call: ({ api }) => api.parts(id) },
    { name: "upload-status, uploading", call: ({ api }) => api.status(id) },
  ];
  return { client, routes };
}

async function counted(host: LocalHost, call: () => Promise<unknown>): Promise<Figures> {
  const { endpoints } = host;
  const nameByHost = new Map<string, string>(
    services.map((service: Service) => [new URL(endpoints[service]).host, service]),
  );
  nameByHost.set(new URL(host.sandboxUrl).host, "tiktok");
  const counts: Record<string, number> = { dynamodb: 0, s3: 0, kms: 0, sqs: 0, tiktok: 0 };
  const onRequest = (message: unknown) => {
    if (typeof message !== "object" || message === null || !("request" in message)) return;
    const { request } = message;
    if (!(request instanceof IncomingMessage)) return;
    // The host's own event sources ask its queues all the time.
    if (String(request.headers["x-amz-target"]).endsWith("ReceiveMessage")) return;
    const name = nameByHost.get(request.headers.host ?? "");
    if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1;
  };
  subscribe(channel, onRequest);
  try {
    await call();
  } finally {
    unsubscribe(channel, onRequest);
  }
  return counts;
}
