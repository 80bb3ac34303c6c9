/**
 * Turns a request's body into a blob, and hands it to a commit that makes it count.
 *
 * Promises that a body that was cut, refused or lost its race leaves no file behind.
 */
import type { Bucket } from "./bucket.ts";
import type { Algorithm } from "./checksums.ts";
import { S3Error } from "./errors.ts";
import { type Payload, type Received, receivePayload } from "./payload.ts";

/** For one PUT, be it an object or a part: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const bodyBytesMax = 5 * 1024 ** 3;

export async function storeBody<T>(
  source: { bucket: Bucket; payload: Payload; algorithm?: Algorithm | undefined },
  commit: (received: Received & { blob: string }) => Promise<T>,
): Promise<T> {
  const writer = await source.bucket.blobs.create();
  let received: Received;
  try {
    received = await receivePayload(source.payload, {
      sizeBytesMax: bodyBytesMax,
      algorithm: source.algorithm,
      sink: writer.write,
    });
    await writer.finish();
  } catch (error) {
    await writer.discard();
    throw error;
  }
  try {
    return await commit({ ...received, blob: writer.id });
  } catch (error) {
    // A refusal comes before anything names the blob. After any other failure a record on disk may name it already, so
    // it stays; if none does, the next start removes it.
    if (error instanceof S3Error) await writer.discard();
    throw error;
  }
}
