/**
 * Presigned part URLs, a batch at a time, each exactly what `getSignedUrl` would answer.
 *
 * Every part carries the CRC32 that its sender computed, so S3 refuses bytes that changed on the way (`BadDigest`) and
 * compares again on completion. The value has to be signed, and so it has to be known before a part is signed: S3
 * answers 403, "There were headers present in the request which were not signed", to a presigned request with an
 * `x-amz-*` header outside of its SignedHeaders (https://github.com/floci-io/floci/issues/4150 and
 * https://github.com/aws/aws-sdk-js-v3/issues/3906 quote it for this very header), and a value hoisted into the query
 * is signed but not always compared. Of the algorithms that S3 knows, CRC32 is the fastest in a browser.
 */
import { type S3Client, UploadPartCommand } from "@aws-sdk/client-s3";
import { getSignedUrl, S3RequestPresigner } from "@aws-sdk/s3-request-presigner";
import { assert } from "../errors/index.ts";
import type { PartContent, SignedPut } from "./index.ts";

const checksumHeader = "x-amz-checksum-crc32";

/** The presigner adds to these sets, so each call has its own. */
const signingOptions = (expiresIn: number) => ({
  expiresIn,
  signableHeaders: new Set(["host", "content-length"]),
  unhoistableHeaders: new Set(["content-length", checksumHeader]),
});

/**
 * `getSignedUrl` takes each URL through the client's whole middleware, which is six times the work of signing. So the
 * SDK makes the first URL, and with it settles endpoint, path and region; its presigner then signs the others like it.
 */
export async function signParts(
  { client, bucket }: { client: S3Client; bucket: string },
  input: { key: string; uploadId: string; parts: PartContent[]; expiresInSeconds: number },
): Promise<SignedPut[]> {
  const { key, uploadId, parts, expiresInSeconds } = input;
  const [first, ...others] = parts;
  if (first === undefined) return [];
  const command = new UploadPartCommand({
    Bucket: bucket,
    Key: key,
    UploadId: uploadId,
    PartNumber: first.partNumber,
    ContentLength: first.bytes,
    ChecksumCRC32: first.crc32,
  });
  const firstUrl = await getSignedUrl(client, command, signingOptions(expiresInSeconds));
  const sign = like(client, new URL(firstUrl));
  const urls = await Promise.all(others.map((part) => sign(part, expiresInSeconds)));
  return [firstUrl, ...urls].map((url, index) => ({
    url,
    headers: { [checksumHeader]: parts[index]?.crc32 ?? "" },
  }));
}

/** Signs other parts of the upload that `model` signs a part of. */
function like(client: S3Client, model: URL) {
  const [, , region, service] = model.searchParams.get("X-Amz-Credential")?.split("/") ?? [];
  assert(region && service, "a signed URL names its region and service");
  const presigner = new S3RequestPresigner({ ...client.config, region, signingName: service });
  const { protocol, hostname, port, pathname: path } = model;
  const place = { protocol, hostname, path, ...(port === "" ? {} : { port: Number(port) }) };
  const named = [...model.searchParams].filter(([name]) => !name.startsWith("X-Amz-"));

  return async ({ partNumber, bytes, crc32 }: PartContent, expiresInSeconds: number) => {
    const { query = {} } = await presigner.presign(
      {
        ...place,
        method: "PUT",
        query: { ...Object.fromEntries(named), partNumber: String(partNumber) },
        headers: { "content-length": String(bytes), [checksumHeader]: crc32 },
      },
      signingOptions(expiresInSeconds),
    );
    return `${model.origin}${path}?${toText(query)}`;
  };
}

/** In the order of the names, as the SDK writes it. */
function toText(query: Record<string, string | string[] | null>): string {
  return Object.keys(query)
    .sort()
    .map((name) => `${escaped(name)}=${escaped(String(query[name]))}`)
    .join("&");
}

/** AWS escapes all but RFC 3986's unreserved characters; `encodeURIComponent` leaves out these five. */
function escaped(text: string): string {
  const hex = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text).replace(/[!'()*]/g, hex);
}
