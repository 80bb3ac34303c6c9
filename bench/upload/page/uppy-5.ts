/** `@uppy/aws-s3` 5: the backend begins and completes, and one request signs each part. */
import AwsS3 from "@uppy/aws-s3-5";
import Uppy from "@uppy/core-5";
import { measured } from "./gauge.ts";
import { ask, runUppy } from "./uppy.ts";

interface Part {
  key: string;
  uploadId: string;
  partNumber: number;
  signal?: AbortSignal;
}

const options = {
  createMultipartUpload: (file: { name: string }) =>
    ask("/uppy/create", { key: `${crypto.randomUUID()}-${file.name}` }),
  signPart: (_file: object, { key, uploadId, partNumber, signal }: Part) =>
    ask("/uppy/sign", { method: "PUT", key, uploadId, partNumber }, signal),
  completeMultipartUpload: (_file: object, { key, uploadId, parts }: Part & { parts: object[] }) =>
    ask("/uppy/complete", { key, uploadId, parts }),
  listParts: () => Promise.resolve([]),
  abortMultipartUpload: () => Promise.resolve(),
};

measured((file) => runUppy(new Uppy(), AwsS3, options, file));
