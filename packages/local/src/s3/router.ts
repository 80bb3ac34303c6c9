/**
 * Which S3 operation a request is: by method, by whether it names a key, and by its sub-resources in the query.
 *
 * Promises that a sub-resource this server does not know is refused rather than taken for the plain operation: `PUT ?acl`
 * must never overwrite an object.
 */
import * as Documents from "./bucket-documents.ts";
import { createBucket, deleteBucket, getBucketLocation, headBucket } from "./buckets.ts";
import { completeMultipartUpload } from "./complete.ts";
import { listBuckets, listMultipartUploads, listObjectsV2, listParts } from "./listing.ts";
import { abortMultipartUpload, createMultipartUpload, uploadPart } from "./multipart.ts";
import { getObject, getObjectAttributes, headObject } from "./objects-read.ts";
import { deleteObject, deleteObjects, putObject } from "./objects-write.ts";
import type { Operation } from "./operation.ts";
import type { S3Request } from "./request.ts";

export type Route = { name: string; operation: Operation };

/** Query names that choose an operation; all others are its parameters. */
const subresources = new Set(
  (
    "abac accelerate acl analytics attributes cors delete encryption intelligent-tiering inventory " +
    "legal-hold lifecycle list-type location logging metadataConfiguration metadataTable metrics " +
    "notification object-lock ownershipControls partNumber policy policyStatus publicAccessBlock rename " +
    "replication requestPayment restore retention select select-type session tagging torrent uploadId " +
    "uploads versionId versioning versions website"
  ).split(" "),
);

const routes: Record<string, Route> = {
  "GET service": { name: "ListBuckets", operation: listBuckets },

  "PUT bucket": { name: "CreateBucket", operation: createBucket },
  "HEAD bucket": { name: "HeadBucket", operation: headBucket },
  "DELETE bucket": { name: "DeleteBucket", operation: deleteBucket },
  "GET bucket list-type": { name: "ListObjectsV2", operation: listObjectsV2 },
  "GET bucket location": { name: "GetBucketLocation", operation: getBucketLocation },
  "GET bucket uploads": { name: "ListMultipartUploads", operation: listMultipartUploads },
  "POST bucket delete": { name: "DeleteObjects", operation: deleteObjects },
  "PUT bucket cors": { name: "PutBucketCors", operation: Documents.putBucketCors },
  "GET bucket cors": { name: "GetBucketCors", operation: Documents.getBucketCors },
  "DELETE bucket cors": { name: "DeleteBucketCors", operation: Documents.deleteBucketCors },
  "PUT bucket lifecycle": {
    name: "PutBucketLifecycleConfiguration",
    operation: Documents.putBucketLifecycle,
  },
  "GET bucket lifecycle": {
    name: "GetBucketLifecycleConfiguration",
    operation: Documents.getBucketLifecycle,
  },
  "DELETE bucket lifecycle": {
    name: "DeleteBucketLifecycle",
    operation: Documents.deleteBucketLifecycle,
  },
  "PUT bucket notification": {
    name: "PutBucketNotificationConfiguration",
    operation: Documents.putBucketNotification,
  },
  "GET bucket notification": {
    name: "GetBucketNotificationConfiguration",
    operation: Documents.getBucketNotification,
  },

  "PUT object": { name: "PutObject", operation: putObject },
  "GET object": { name: "GetObject", operation: getObject },
  "GET object partNumber": { name: "GetObject", operation: getObject },
  "GET object attributes": { name: "GetObjectAttributes", operation: getObjectAttributes },
  "HEAD object": { name: "HeadObject", operation: headObject },
  "HEAD object partNumber": { name: "HeadObject", operation: headObject },
  "DELETE object": { name: "DeleteObject", operation: deleteObject },
  "POST object uploads": { name: "CreateMultipartUpload", operation: createMultipartUpload },
  "PUT object partNumber uploadId": { name: "UploadPart", operation: uploadPart },
  "GET object uploadId": { name: "ListParts", operation: listParts },
  "POST object uploadId": { name: "CompleteMultipartUpload", operation: completeMultipartUpload },
  "DELETE object uploadId": { name: "AbortMultipartUpload", operation: abortMultipartUpload },
};

export function findRoute(request: S3Request): Route | undefined {
  const scope = request.bucket === "" ? "service" : request.key === "" ? "bucket" : "object";
  const chosen = [...request.query.keys()].filter((name) => subresources.has(name)).sort();
  return routes[[request.method, scope, ...chosen].join(" ")];
}
