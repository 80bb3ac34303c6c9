/**
 * Buckets themselves: CreateBucket, HeadBucket, DeleteBucket, GetBucketLocation.
 */
import { S3Error } from "./errors.ts";
import { bucketOf, type Call, type Reply } from "./operation.ts";
import { readDocument } from "./payload.ts";
import { addBucket, removeBucket } from "./store.ts";
import { renderXml } from "./xml.ts";

/** The one region where creating a bucket that is already yours succeeds. */
const classicRegion = "us-east-1";

export async function createBucket(call: Call): Promise<Reply> {
  const name = call.request.bucket;
  if (!isBucketName(name))
    throw new S3Error("InvalidBucketName", { details: { BucketName: name } });
  // The body may name a region; the signature has already been checked to be for this one.
  await readDocument(call.payload);
  await call.store.locks.run(`bucket ${name}`, async () => {
    if (!call.store.buckets.has(name)) {
      await addBucket(call.store, { name, createdAtMs: call.nowMs() });
    } else if (call.region !== classicRegion) {
      throw new S3Error("BucketAlreadyOwnedByYou", { details: { BucketName: name } });
    }
  });
  return { status: 200, headers: { location: `/${name}` } };
}

export async function headBucket(call: Call): Promise<Reply> {
  bucketOf(call);
  return { status: 200, headers: { "x-amz-bucket-region": call.region } };
}

export async function deleteBucket(call: Call): Promise<Reply> {
  const { name } = bucketOf(call);
  await call.store.locks.run(`bucket ${name}`, async () => {
    const bucket = bucketOf(call);
    if (bucket.objects.size > 0)
      throw new S3Error("BucketNotEmpty", { details: { BucketName: name } });
    await removeBucket(call.store, bucket);
  });
  return { status: 204 };
}

export async function getBucketLocation(call: Call): Promise<Reply> {
  bucketOf(call);
  const location = call.region === classicRegion ? "" : call.region;
  const xml = renderXml("LocationConstraint", location);
  return { status: 200, xml };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; such a name is also a safe folder. */
function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes("..");
}
