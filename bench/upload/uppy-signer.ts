/**
 * What Uppy asks a backend for, each in one request as its documentation shows (https://uppy.io/docs/aws-s3/): version 6
 * has every S3 request signed by `signRequest`; version 5 has parts signed by `signPart`, and the backend begins and completes.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import * as z from "zod";
import { bucket } from "./bucket.ts";
import { contentType } from "./protocol.ts";

const expiresIn = 3600;

const requestSchema = z.object({
  method: z.string(),
  key: z.string(),
  uploadId: z.string().optional(),
  partNumber: z.number().optional(),
});
const completeSchema = z.object({
  key: z.string(),
  uploadId: z.string(),
  parts: z.array(z.object({ PartNumber: z.number(), ETag: z.string() })),
});

export function createUppySigner({ client, signer }: { client: S3Client; signer: S3Client }) {
  return async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    const body: unknown = await request.json();
    if (pathname === "/uppy/sign") {
      return Response.json({ url: await sign(signer, requestSchema.parse(body)) });
    }
    if (pathname === "/uppy/create") {
      const { key } = z.object({ key: z.string() }).parse(body);
      const object = { Bucket: bucket, Key: key, ContentType: contentType };
      const { UploadId } = await client.send(new CreateMultipartUploadCommand(object));
      return Response.json({ key, uploadId: UploadId });
    }
    const { key, uploadId, parts } = completeSchema.parse(body);
    const { Location } = await client.send(
      new CompleteMultipartUploadCommand({
        Bucket: bucket,
        Key: key,
        UploadId: uploadId,
        MultipartUpload: { Parts: parts },
      }),
    );
    return Response.json({ location: Location });
  };
}

function sign(signer: S3Client, asked: z.infer<typeof requestSchema>): Promise<string> {
  const { method, uploadId, partNumber } = asked;
  const object = { Bucket: bucket, Key: asked.key };
  if (uploadId === undefined && method === "PUT") {
    return getSignedUrl(signer, new PutObjectCommand(object), { expiresIn });
  }
  if (uploadId === undefined) {
    return getSignedUrl(signer, new CreateMultipartUploadCommand(object), { expiresIn });
  }
  const upload = { ...object, UploadId: uploadId };
  if (method === "PUT") {
    const command = new UploadPartCommand({ ...upload, PartNumber: partNumber });
    return getSignedUrl(signer, command, { expiresIn });
  }
  if (method === "GET") return getSignedUrl(signer, new ListPartsCommand(upload), { expiresIn });
  if (method === "DELETE") {
    return getSignedUrl(signer, new AbortMultipartUploadCommand(upload), { expiresIn });
  }
  return getSignedUrl(signer, new CompleteMultipartUploadCommand(upload), { expiresIn });
}
