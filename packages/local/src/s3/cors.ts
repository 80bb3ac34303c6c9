/**
 * CORS: a bucket's rules, the answer to a preflight, and the headers a browser needs to see on every other answer.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
 */
import { z } from "zod";
import type { Bucket } from "./bucket.ts";
import { S3Error } from "./errors.ts";
import type { Reply } from "./operation.ts";
import type { S3Request } from "./request.ts";
import { parseXml, repeated } from "./xml.ts";

const methods = ["GET", "PUT", "HEAD", "POST", "DELETE"] as const;

/** At most one wildcard, in an origin as in a header. */
const pattern = z
  .string()
  .min(1)
  .regex(/^[^*]*\*?[^*]*$/);

const corsRule = z.object({
  AllowedOrigin: repeated(pattern),
  AllowedMethod: repeated(z.enum(methods)),
  AllowedHeader: repeated(pattern),
  ExposeHeader: repeated(z.string()),
  MaxAgeSeconds: z.string().regex(/^\d+$/).optional(),
});

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html: 1 to 100 rules. */
export const corsDocument = z.object({
  CORSConfiguration: z.object({
    CORSRule: repeated(corsRule).refine((rules) => rules.length >= 1 && rules.length <= 100),
  }),
});

type CorsRule = z.infer<typeof corsRule>;

/** Answers OPTIONS, which browsers send unsigned. */
export function answerPreflight(request: S3Request, bucket: Bucket | undefined): Reply {
  const origin = request.headers.get("origin");
  const method = request.headers.get("access-control-request-method");
  if (origin === undefined || method === undefined) throw new S3Error("BadRequest");
  const asked = (request.headers.get("access-control-request-headers") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
  const rules = readRules(bucket);
  if (rules.length === 0) {
    throw new S3Error("AccessForbidden", {
      message: "CORSResponse: CORS is not enabled for this bucket.",
    });
  }
  const rule = rules.find(
    (candidate) =>
      allows(candidate, origin, method) &&
      asked.every((name) =>
        candidate.AllowedHeader.some((allowed) => matches(allowed.toLowerCase(), name)),
      ),
  );
  if (rule === undefined) throw new S3Error("AccessForbidden");
  const headers = describeRule(rule, origin);
  if (asked.length > 0) headers["access-control-allow-headers"] = asked.join(", ");
  if (rule.MaxAgeSeconds !== undefined) headers["access-control-max-age"] = rule.MaxAgeSeconds;
  return { status: 200, headers };
}

/** For any answer, refusals included: without these headers a page could not even read why it was refused. */
export function corsHeaders(
  request: S3Request,
  bucket: Bucket | undefined,
): Record<string, string> {
  const origin = request.headers.get("origin");
  if (origin === undefined) return {};
  const rule = readRules(bucket).find((candidate) => allows(candidate, origin, request.method));
  return rule === undefined ? {} : describeRule(rule, origin);
}

function readRules(bucket: Bucket | undefined): CorsRule[] {
  const text = bucket?.documents.get("cors");
  return text === undefined ? [] : corsDocument.parse(parseXml(text)).CORSConfiguration.CORSRule;
}

function allows(rule: CorsRule, origin: string, method: string): boolean {
  return (
    rule.AllowedMethod.some((allowed) => allowed === method) &&
    rule.AllowedOrigin.some((allowed) => matches(allowed, origin))
  );
}

function describeRule(rule: CorsRule, origin: string): Record<string, string> {
  const isAnyOrigin = rule.AllowedOrigin.includes("*");
  const headers: Record<string, string> = {
    "access-control-allow-origin": isAnyOrigin ? "*" : origin,
    "access-control-allow-methods": rule.AllowedMethod.join(", "),
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  };
  if (!isAnyOrigin) headers["access-control-allow-credentials"] = "true";
  if (rule.ExposeHeader.length > 0) {
    headers["access-control-expose-headers"] = rule.ExposeHeader.join(", ");
  }
  return headers;
}

function matches(allowed: string, value: string): boolean {
  const star = allowed.indexOf("*");
  if (star === -1) return allowed === value;
  const before = allowed.slice(0, star);
  const after = allowed.slice(star + 1);
  return (
    value.length >= before.length + after.length &&
    value.startsWith(before) &&
    value.endsWith(after)
  );
}
