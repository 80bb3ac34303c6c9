/**
 * Where videos wait between the browser and TikTok. An object lives for minutes to hours; whatever is forgotten
 * (an abandoned upload, a publication that failed for good) is removed by the lifecycle rules.
 */
import { router } from "./router.ts";
import { extraUploadOrigins, isProduction } from "./settings.ts";
import { bucketName } from "./storage-name.ts";

// The link carries the name and no rights: SST's own would grant s3:* on the bucket.
sst.Linkable.wrap(sst.aws.Bucket, (bucket) => ({ properties: { name: bucket.name } }));

export const bucket = new sst.aws.Bucket("Bucket", {
  cors: {
    allowOrigins: [router.url, ...extraUploadOrigins],
    // PUT sends parts to presigned URLs; GET and HEAD let a page look at what it has uploaded.
    allowMethods: ["PUT", "GET", "HEAD"],
    allowHeaders: ["*"],
    // Without the ETag a browser cannot tell that a part has arrived.
    exposeHeaders: ["ETag"],
    maxAge: "1 hour",
  },
  // Longer than the longest legitimate wait: TikTok's moderation and a day's posting cap.
  lifecycle: [{ id: "expire-forgotten-videos", expiresIn: "7 days" }],
  transform: {
    bucket: (args) => {
      args.bucket = bucketName;
      args.forceDestroy = !isProduction;
    },
    lifecycle: (args) => {
      // SST's lifecycle knows expiry only; parts of an unfinished upload are invisible and would cost forever.
      const abortAbandonedUploads = {
        id: "abort-abandoned-uploads",
        status: "Enabled",
        abortIncompleteMultipartUpload: { daysAfterInitiation: 2 },
      };
      args.rules = $output(args.rules).apply((rules) => [...(rules ?? []), abortAbandonedUploads]);
    },
  },
});

// S3 encrypts without being asked; said here, so that it is checked and stays so.
new aws.s3.BucketServerSideEncryptionConfiguration("BucketEncryption", {
  bucket: bucket.name,
  rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
});

const objects = $interpolate`${bucket.arn}/*`;

/**
 * Without it S3 answers 403 for an object that is not there, and "gone" could not be told from "not allowed":
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html#API_HeadObject_RequestSyntax
 */
const tellMissing = { actions: ["s3:ListBucket"], resources: [bucket.arn] };

/** Begin, sign, list and complete multipart uploads; look at the result. */
export const takeUploads = [
  {
    actions: ["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts"],
    resources: [objects],
  },
  tellMissing,
];

/** Read a video in ranges. */
export const readVideos = [{ actions: ["s3:GetObject"], resources: [objects] }, tellMissing];

/** Remove everything stored under a publication's key: the video and uploads that never became one. */
export const removeVideos = [
  { actions: ["s3:ListBucketMultipartUploads"], resources: [bucket.arn] },
  { actions: ["s3:AbortMultipartUpload", "s3:DeleteObject"], resources: [objects] },
];
