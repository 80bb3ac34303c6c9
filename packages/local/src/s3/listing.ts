/**
 * The four lists: ListBuckets, ListObjectsV2, ListMultipartUploads, ListParts, each with S3's paging.
 */
import { elementOf } from "./checksums.ts";
import { S3Error } from "./errors.ts";
import { uploadOf } from "./multipart.ts";
import { bucketOf, type Call, integerQuery, type Reply } from "./operation.ts";
import { compareUtf8, takePage } from "./paging.ts";
import { renderXml, type XmlContent } from "./xml.ts";

/** S3's page limit for objects, uploads and parts alike. */
const pageCountMax = 1000;

const owner = { ID: "local", DisplayName: "local" };

export async function listBuckets(call: Call): Promise<Reply> {
  const buckets = [...call.store.buckets.values()].sort((a, b) => compareUtf8(a.name, b.name));
  const xml = renderXml("ListAllMyBucketsResult", {
    Owner: owner,
    Buckets: {
      Bucket: buckets.map(({ name, createdAtMs }) => ({
        Name: name,
        CreationDate: isoTime(createdAtMs),
      })),
    },
  });
  return { status: 200, xml };
}

export async function listObjectsV2(call: Call): Promise<Reply> {
  const bucket = bucketOf(call);
  const { query } = call.request;
  const encode = nameEncoder(call);
  const token = query.get("continuation-token");
  const startAfter = query.get("start-after") ?? "";
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const countMax = integerQuery(call, "max-keys", {
    min: 0,
    max: pageCountMax,
    fallback: pageCountMax,
  });
  const sorted = [...bucket.objects.values()]
    .filter(({ key }) => startAfter === "" || compareUtf8(key, startAfter) > 0)
    .sort((a, b) => compareUtf8(a.key, b.key))
    .map((object) => ({ name: object.key, item: object }));
  const afterName = token === undefined ? "" : readToken(token);
  const page = takePage(sorted, { prefix, delimiter, countMax, afterName });
  const isMore = page.isTruncated && page.lastName !== undefined;
  const xml = renderXml("ListBucketResult", {
    Name: bucket.name,
    Prefix: encode(prefix),
    Delimiter: delimiter === "" ? undefined : encode(delimiter),
    StartAfter: startAfter === "" ? undefined : encode(startAfter),
    ContinuationToken: token,
    NextContinuationToken: isMore ? writeToken(page.lastName ?? "") : undefined,
    EncodingType: query.get("encoding-type"),
    MaxKeys: countMax,
    KeyCount: page.items.length + page.commonPrefixes.length,
    IsTruncated: isMore,
    Contents: page.items.map((object) => ({
      Key: encode(object.key),
      LastModified: isoTime(object.modifiedAtMs),
      ETag: `"${object.etag}"`,
      ChecksumAlgorithm: object.checksum?.algorithm,
      ChecksumType: object.checksum?.type,
      Size: object.sizeBytes,
      Owner: query.get("fetch-owner") === "true" ? owner : undefined,
      StorageClass: "STANDARD",
    })),
    CommonPrefixes: page.commonPrefixes.map((name) => ({ Prefix: encode(name) })),
  });
  return { status: 200, xml };
}

export async function listMultipartUploads(call: Call): Promise<Reply> {
  const bucket = bucketOf(call);
  const { query } = call.request;
  const encode = nameEncoder(call);
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const keyMarker = query.get("key-marker") ?? "";
  const idMarker = query.get("upload-id-marker") ?? "";
  const countMax = integerQuery(call, "max-uploads", {
    min: 1,
    max: pageCountMax,
    fallback: pageCountMax,
  });
  const sorted = [...bucket.uploads.values()]
    .sort((a, b) => compareUtf8(a.key, b.key) || compareUtf8(a.id, b.id))
    // Within the marker's own key, an id marker says how far the former page came.
    .filter(({ key, id }) => idMarker === "" || key !== keyMarker || id > idMarker)
    .filter(({ key }) => {
      const order = compareUtf8(key, keyMarker);
      return order > 0 || (order === 0 && idMarker !== "");
    })
    .map((upload) => ({ name: upload.key, item: upload }));
  // A marker that is a common prefix stands for every key below it.
  const isPrefixMarker = delimiter !== "" && keyMarker.endsWith(delimiter) && idMarker === "";
  const afterName = isPrefixMarker ? keyMarker : "";
  const page = takePage(sorted, { prefix, delimiter, countMax, afterName });
  const last = page.items.at(-1);
  const isLastUpload = last !== undefined && last.key === page.lastName;
  const xml = renderXml("ListMultipartUploadsResult", {
    Bucket: bucket.name,
    KeyMarker: encode(keyMarker),
    UploadIdMarker: idMarker,
    NextKeyMarker: page.isTruncated ? encode(page.lastName ?? "") : undefined,
    NextUploadIdMarker: page.isTruncated && isLastUpload ? last.id : undefined,
    Prefix: encode(prefix),
    Delimiter: delimiter === "" ? undefined : encode(delimiter),
    EncodingType: query.get("encoding-type"),
    MaxUploads: countMax,
    IsTruncated: page.isTruncated,
    Upload: page.items.map((upload) => ({
      Key: encode(upload.key),
      UploadId: upload.id,
      Initiator: owner,
      Owner: owner,
      StorageClass: "STANDARD",
      Initiated: isoTime(upload.initiatedAtMs),
      ChecksumAlgorithm: upload.checksumPlan?.algorithm,
      ChecksumType: upload.checksumPlan?.type,
    })),
    CommonPrefixes: page.commonPrefixes.map((name) => ({ Prefix: encode(name) })),
  });
  return { status: 200, xml };
}

export async function listParts(call: Call): Promise<Reply> {
  const bucket = bucketOf(call);
  const upload = uploadOf(bucket, call);
  const marker = integerQuery(call, "part-number-marker", { min: 0, max: 10_000, fallback: 0 });
  const countMax = integerQuery(call, "max-parts", {
    min: 0,
    max: pageCountMax,
    fallback: pageCountMax,
  });
  const rest = [...upload.parts.values()]
    .filter((part) => part.partNumber > marker)
    .sort((a, b) => a.partNumber - b.partNumber);
  const parts = rest.slice(0, countMax);
  const isTruncated = rest.length > parts.length && parts.length > 0;
  const xml = renderXml("ListPartsResult", {
    Bucket: bucket.name,
    Key: nameEncoder(call)(upload.key),
    UploadId: upload.id,
    Initiator: owner,
    Owner: owner,
    StorageClass: "STANDARD",
    ChecksumAlgorithm: upload.checksumPlan?.algorithm,
    ChecksumType: upload.checksumPlan?.type,
    PartNumberMarker: marker,
    NextPartNumberMarker: parts.at(-1)?.partNumber ?? 0,
    MaxParts: countMax,
    IsTruncated: isTruncated,
    Part: parts.map((part): XmlContent => {
      const { checksum } = part;
      return {
        PartNumber: part.partNumber,
        LastModified: isoTime(part.uploadedAtMs),
        ETag: `"${part.etag}"`,
        Size: part.sizeBytes,
        ...(checksum === undefined ? {} : { [elementOf(checksum.algorithm)]: checksum.value }),
      };
    }),
  });
  return { status: 200, xml };
}

/** With `encoding-type=url` names are percent-encoded, so that any character survives XML. */
function nameEncoder(call: Call): (name: string) => string {
  const encoding = call.request.query.get("encoding-type");
  if (encoding === undefined) return (name) => name;
  if (encoding !== "url") {
    throw new S3Error("InvalidArgument", {
      message: "Invalid Encoding Method specified in Request",
    });
  }
  return (name) => encodeURIComponent(name).replaceAll("%2F", "/");
}

function writeToken(name: string): string {
  return Buffer.from(name).toString("base64url");
}

function readToken(token: string): string {
  const name = Buffer.from(token, "base64url").toString("utf8");
  if (name !== "" && writeToken(name) === token) return name;
  throw new S3Error("InvalidArgument", { message: "The continuation token provided is incorrect" });
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
