/**
 * Presigned part URLs, each exactly what `getSignedUrl` would answer.
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
import type { StorageStore } from "./index.ts";

const checksumHeader = "x-amz-checksum-crc32";

/**
 * Signs parts as `getSignedUrl` does, which takes every URL through the client's whole middleware: six times the work of
 * signing. That way is gone once, to learn where the client finds the bucket; then only the presigner is needed.
 */
export function createPartSigner(options: {
  client: S3Client;
  bucket: string;
}): StorageStore["signPart"] {
  let signing: Promise<Signing> | null = null;
  return async ({ key, uploadId, partNumber, bytes, crc32, expiresInSeconds }) => {
    signing ??= learn(options).catch((error: unknown) => {
      signing = null;
      throw error;
    });
    const { presigner, origin, root, place } = await signing;
    const path = `${root}${key.split("/").map(escaped).join("/")}`;
    const { query = {} } = await presigner.presign(
      {
        ...place,
        path,
        method: "PUT",
        query: { "x-id": "UploadPart", partNumber: String(partNumber), uploadId },
        headers: { "content-length": String(bytes), [checksumHeader]: crc32 },
      },
      {
        expiresIn: expiresInSeconds,
        signableHeaders: new Set(["host", "content-length"]),
        unhoistableHeaders: new Set(["content-length", checksumHeader]),
      },
    );
    return { url: `${origin}${path}?${toText(query)}`, headers: { [checksumHeader]: crc32 } };
  };
}

type Signing = Awaited<ReturnType<typeof learn>>;

async function learn({ client, bucket }: { client: S3Client; bucket: string }) {
  const key = "k";
  const command = new UploadPartCommand({ Bucket: bucket, Key: key, UploadId: "u", PartNumber: 1 });
  const model = new URL(await getSignedUrl(client, command));
  const [, , region, service] = model.searchParams.get("X-Amz-Credential")?.split("/") ?? [];
  assert(region && service, "a signed URL names its region and service");
  const { protocol, hostname, port, origin, pathname } = model;
  return {
    presigner: new S3RequestPresigner({ ...client.config, region, signingName: service }),
    origin,
    /** Ends with a slash, after the bucket where the client names it in the path. */
    root: pathname.slice(0, -key.length),
    place: { protocol, hostname, ...(port === "" ? {} : { port: Number(port) }) },
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
