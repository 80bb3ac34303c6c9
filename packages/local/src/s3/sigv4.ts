/**
 * AWS Signature Version 4, by `Authorization` header and by query string (presigned URLs).
 *
 * Promises that a request passes only when it is signed by the one known key, in time, for this region, over its method,
 * path, query, signed headers and every `x-amz-*` header it carries. Whether the body has the signed hash is left to
 * payload.ts, which reads the body.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { S3Error } from "./errors.ts";
import type { S3Request } from "./request.ts";

export type Authority = {
  /** `KEY.name` is the same key, used by `name`: who asks can be told from every request and signed URL. */
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
  nowMs: () => number;
};

/** What a request says about its own signature. */
type Claim = {
  credential: string;
  signedHeaders: string[];
  signature: string;
  timestamp: string;
  /** Only a presigned URL has a lifetime; a signed header is good for the clock skew. */
  lifetimeSeconds: number | undefined;
  payloadHash: string;
};

const algorithm = "AWS4-HMAC-SHA256";
const skewMsMax = 15 * 60 * 1000;
/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html: seven days. */
const lifetimeSecondsMax = 604_800;

/** Checks the signature and returns what the client claims about the body: a hash, or one of S3's markers. */
export function verifySignature(request: S3Request, authority: Authority): string {
  const inQuery = request.query.has("X-Amz-Algorithm") || request.query.has("X-Amz-Signature");
  const inHeader = request.headers.has("authorization");
  if (inQuery && inHeader) {
    throw new S3Error("InvalidArgument", { message: "Only one auth mechanism allowed" });
  }
  if (!inQuery && !inHeader) throw new S3Error("AccessDenied");
  const claim = inQuery ? readQueryClaim(request) : readHeaderClaim(request);
  const scope = checkCredential(claim, authority, inQuery);
  checkTime(claim, authority.nowMs());
  checkSignedHeaders(claim, request);
  const stringToSign = [
    algorithm,
    claim.timestamp,
    scope,
    sha256(canonicalRequest(request, claim)),
  ];
  const expected = hmac(signingKey(authority, scope), stringToSign.join("\n"));
  const given = Buffer.from(claim.signature, "hex");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new S3Error("SignatureDoesNotMatch");
  }
  return claim.payloadHash;
}

function readHeaderClaim({ headers }: S3Request): Claim {
  const fields =
    /^AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]+)$/.exec(
      headers.get("authorization") ?? "",
    );
  const [, credential, signedHeaders, signature] = fields ?? [];
  if (credential === undefined || signedHeaders === undefined || signature === undefined) {
    throw new S3Error("AuthorizationHeaderMalformed");
  }
  const payloadHash = headers.get("x-amz-content-sha256");
  if (payloadHash === undefined) {
    const message = "Missing required header for this request: x-amz-content-sha256";
    throw new S3Error("InvalidRequest", { message });
  }
  return {
    credential,
    signedHeaders: signedHeaders.split(";"),
    signature,
    timestamp: headers.get("x-amz-date") ?? "",
    lifetimeSeconds: undefined,
    payloadHash,
  };
}

function readQueryClaim({ query, headers }: S3Request): Claim {
  const lifetimeSeconds = Number(query.get("X-Amz-Expires"));
  const isLifetime =
    Number.isInteger(lifetimeSeconds) &&
    lifetimeSeconds >= 1 &&
    lifetimeSeconds <= lifetimeSecondsMax;
  const credential = query.get("X-Amz-Credential");
  const signedHeaders = query.get("X-Amz-SignedHeaders");
  const signature = query.get("X-Amz-Signature");
  const isComplete =
    query.get("X-Amz-Algorithm") === algorithm &&
    credential !== undefined &&
    signedHeaders !== undefined &&
    signature !== undefined;
  if (!isLifetime || !isComplete) throw new S3Error("AuthorizationQueryParametersError");
  return {
    credential,
    signedHeaders: signedHeaders.split(";"),
    signature,
    timestamp: query.get("X-Amz-Date") ?? "",
    lifetimeSeconds,
    payloadHash:
      query.get("X-Amz-Content-Sha256") ??
      headers.get("x-amz-content-sha256") ??
      "UNSIGNED-PAYLOAD",
  };
}

/** Returns the scope, `date/region/s3/aws4_request`, once it names this server and the one known key. */
function checkCredential(claim: Claim, authority: Authority, inQuery: boolean): string {
  const [accessKeyId, date, region, service, terminator, ...rest] = claim.credential.split("/");
  const isScope =
    date === claim.timestamp.slice(0, 8) &&
    region === authority.region &&
    service === "s3" &&
    terminator === "aws4_request" &&
    rest.length === 0;
  if (!isScope) {
    const code = inQuery ? "AuthorizationQueryParametersError" : "AuthorizationHeaderMalformed";
    const message = `The credential's scope must be <date>/${authority.region}/s3/aws4_request.`;
    throw new S3Error(code, { message });
  }
  if (accessKeyId?.split(".", 1)[0] !== authority.accessKeyId)
    throw new S3Error("InvalidAccessKeyId");
  return `${date}/${region}/${service}/${terminator}`;
}

function checkTime(claim: Claim, nowMs: number): void {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(claim.timestamp) ?? [];
  const signedAtMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(signedAtMs)) {
    throw new S3Error("AccessDenied", { message: "A valid x-amz-date is required" });
  }
  if (claim.lifetimeSeconds === undefined) {
    if (Math.abs(nowMs - signedAtMs) > skewMsMax) throw new S3Error("RequestTimeTooSkewed");
    return;
  }
  if (signedAtMs - nowMs > skewMsMax) {
    throw new S3Error("AccessDenied", { message: "Request is not yet valid" });
  }
  if (nowMs > signedAtMs + claim.lifetimeSeconds * 1000) {
    throw new S3Error("AccessDenied", { message: "Request has expired" });
  }
}

/** An unsigned `x-amz-*` header could change what a signed request does, so none is let through. */
function checkSignedHeaders(claim: Claim, request: S3Request): void {
  const signed = new Set(claim.signedHeaders);
  const unsigned = [...request.headers.keys()].filter(
    (name) => (name === "host" || name.startsWith("x-amz-")) && !signed.has(name),
  );
  if (unsigned.length === 0) return;
  throw new S3Error("AccessDenied", {
    message: "There were headers present in the request which were not signed",
    details: { HeadersNotSigned: unsigned.join(", ") },
  });
}

function canonicalRequest(request: S3Request, claim: Claim): string {
  const query = request.queryPairs
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const headers = claim.signedHeaders.map((name) => {
    const value = request.headers.get(name) ?? "";
    return `${name}:${value.trim().replace(/ +/g, " ")}\n`;
  });
  return [
    request.method,
    request.path.split("/").map(encode).join("/"),
    query,
    headers.join(""),
    claim.signedHeaders.join(";"),
    claim.payloadHash,
  ].join("\n");
}

function signingKey(authority: Authority, scope: string): Buffer {
  let key: Buffer = Buffer.from(`AWS4${authority.secretAccessKey}`);
  for (const step of scope.split("/")) key = hmac(key, step);
  return key;
}

/** RFC 3986's unreserved characters stay; encodeURIComponent leaves five more. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
