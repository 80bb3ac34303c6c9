/**
 * Receipt handles: which receive of which message a consumer refers to.
 *
 * A handle belongs to one receive, not to the message, so a consumer whose visibility ran out cannot delete what
 * another consumer now works on. Opaque to callers, as in SQS.
 */
import { z } from "zod";

export type Receipt = {
  queue: string;
  messageId: string;
  /** The message's receive count when it was handed out. */
  receiveNumber: number;
};

const receiptSchema = z.tuple([z.string(), z.string(), z.int().min(1)]);

export function encodeReceipt(receipt: Receipt): string {
  const fields = [receipt.queue, receipt.messageId, receipt.receiveNumber];
  return Buffer.from(JSON.stringify(fields)).toString("base64url");
}

/** Undefined for what this server never issued. */
export function decodeReceipt(handle: string): Receipt | undefined {
  let fields: unknown;
  try {
    fields = JSON.parse(Buffer.from(handle, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
  const parsed = receiptSchema.safeParse(fields);
  if (!parsed.success) {
    return undefined;
  }
  const [queue, messageId, receiveNumber] = parsed.data;
  return { queue, messageId, receiveNumber };
}
