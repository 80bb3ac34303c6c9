/**
 * The IAM permissions behind requests to S3, as far as functions make them; another request fails the test, rather than
 * pass for nothing. https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */
export function s3Permissions(
  method: string,
  path: string,
  status: number,
  nameOf: (physical: string) => string,
): string[] {
  const url = new URL(path, "http://localhost");
  const [, bucket = "", ...key] = url.pathname.split("/");
  const name = nameOf(bucket);
  if (key.join("/") === "") return [`${bucketAction(method, url)} ${name}`];
  const needed = [`${objectAction(method, url)} ${name}/*`];
  // Only who may list the bucket is told that an object is not there; anybody else that it is forbidden.
  if (status === 404 && isRead(method, url)) needed.push(`s3:ListBucket ${name}`);
  return needed;
}

function isRead(method: string, url: URL): boolean {
  return (method === "GET" || method === "HEAD") && !url.searchParams.has("uploadId");
}

function objectAction(method: string, url: URL): string {
  const { searchParams } = url;
  const isUpload = searchParams.has("uploadId");
  if (isRead(method, url)) return "s3:GetObject";
  if (method === "GET" && isUpload) return "s3:ListMultipartUploadParts";
  if (method === "DELETE") return isUpload ? "s3:AbortMultipartUpload" : "s3:DeleteObject";
  // Begin, part and completion alike.
  if (method === "POST" && (isUpload || searchParams.has("uploads"))) return "s3:PutObject";
  if (method === "PUT") return "s3:PutObject";
  throw new Error(`which permission does ${method} ${url.pathname} need?`);
}

function bucketAction(method: string, { searchParams, pathname }: URL): string {
  if (method === "GET" && searchParams.has("uploads")) return "s3:ListBucketMultipartUploads";
  if (method === "GET" && searchParams.has("list-type")) return "s3:ListBucket";
  throw new Error(`which permission does ${method} ${pathname} need?`);
}
