/**
 * Hears every call that functions make to the AWS servers of this process, as the IAM permission that it would need: who
 * asks is told by the name that each function signs with, presigned URLs included.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { s3Permissions } from "./s3-actions.ts";

/** `dynamodb:Query Table/index/due`, `kms:Encrypt SealKey {openId,userId}`: one action on one resource. */
export type Permission = string;
/** What each function did, by its name. */
export type Recorded = Map<string, Set<Permission>>;

const channel = "http.server.request.start";

/** `names` tells logical names by physical ones: of tables, queues' URLs, and buckets. Answers how to stop. */
export function recordCalls(recorded: Recorded, nameOf: (physical: string) => string): () => void {
  const onRequest = (message: unknown) => {
    if (typeof message !== "object" || message === null) return;
    if (!("request" in message && message.request instanceof IncomingMessage)) return;
    if (!("response" in message && message.response instanceof ServerResponse)) return;
    const { request, response } = message;
    const caller = callerOf(request);
    if (caller === null) return;
    const target = request.headers["x-amz-target"];
    const body = typeof target === "string" ? readAlong(request) : () => "";
    response.once("finish", () => {
      const permissions =
        typeof target === "string"
          ? [jsonPermission(target, body(), nameOf)]
          : s3Permissions(request.method ?? "", request.url ?? "", response.statusCode, nameOf);
      const known = recorded.get(caller) ?? new Set();
      for (const permission of permissions) known.add(permission);
      recorded.set(caller, known);
    });
  };
  subscribe(channel, onRequest);
  return () => void unsubscribe(channel, onRequest);
}

/** Null for the host and for tests, which sign by no function's name. */
function callerOf({ headers, url = "" }: IncomingMessage): string | null {
  const inQuery = URL.parse(url, "http://localhost")?.searchParams.get("X-Amz-Credential");
  const credential = inQuery ?? /Credential=([^,\s]+)/.exec(headers.authorization ?? "")?.[1];
  return credential?.split("/")[0]?.split(".")[1] ?? null;
}

/** The body as its server reads it, without reading it away. */
function readAlong(request: IncomingMessage): () => string {
  const chunks: Buffer[] = [];
  const push = request.push.bind(request);
  request.push = (chunk, encoding) => {
    if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    return push(chunk, encoding);
  };
  return () => Buffer.concat(chunks).toString("utf8");
}

const bodySchema = z.object({
  TableName: z.string().optional(),
  /** By table, of which ours is the only one. */
  RequestItems: z.record(z.string(), z.unknown()).optional(),
  IndexName: z.string().optional(),
  QueueUrl: z.string().optional(),
  EncryptionContext: z.record(z.string(), z.string()).optional(),
});

/** DynamoDB, SQS and KMS speak JSON and name the operation in a header; it is called as IAM calls it, but for batches. */
function jsonPermission(
  target: string,
  text: string,
  nameOf: (physical: string) => string,
): Permission {
  const [service = "", operation = ""] = target.split(".");
  const body = bodySchema.parse(JSON.parse(text));
  if (service.startsWith("DynamoDB")) {
    const index = body.IndexName === undefined ? "" : `/index/${body.IndexName}`;
    return `dynamodb:${operation} ${nameOf(body.TableName ?? Object.keys(body.RequestItems ?? {})[0] ?? "")}${index}`;
  }
  if (service === "AmazonSQS") {
    return `sqs:${operation.replace(/Batch$/, "")} ${nameOf(body.QueueUrl ?? "")}`;
  }
  // Decrypting names no key, and there is but one.
  const keys = Object.keys(body.EncryptionContext ?? {}).sort();
  return `kms:${operation} SealKey {${keys.join(",")}}`;
}
