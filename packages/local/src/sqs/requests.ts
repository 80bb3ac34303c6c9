/**
 * The bodies of SQS calls, checked at the edge.
 *
 * What this server does not have (message attributes, FIFO fields, DeleteQueue) is refused by name, never dropped in
 * silence. Ranges that SQS answers with a code of its own are checked where the action runs.
 */
import { z } from "zod";

const queueUrl = z.string().min(1);
const attributes = z.record(z.string(), z.string());
const nothing = z
  .record(z.string(), z.unknown())
  .refine((value) => Object.keys(value).length === 0, {
    error: "message attributes are not supported by the local server",
  });

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const groupId = z.string().regex(/^[!-~]{1,128}$/);
const delaySeconds = z.int().min(0).max(900);
const visibilitySeconds = z.int().min(0).max(43_200);

const messageFields = {
  MessageBody: z.string(),
  MessageGroupId: groupId.optional(),
  DelaySeconds: delaySeconds.optional(),
  MessageAttributes: nothing.optional(),
  MessageSystemAttributes: nothing.optional(),
};

const names = z.array(z.string()).max(100);

export const createQueue = z.strictObject({
  // A FIFO queue's name ends in .fifo; the dot is not allowed, so it is refused here.
  QueueName: z.string().regex(/^[A-Za-z0-9_-]{1,80}$/),
  Attributes: attributes.optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

export const getQueueUrl = z.strictObject({
  QueueName: z.string(),
  QueueOwnerAWSAccountId: z.string().optional(),
});

export const listQueues = z.strictObject({ QueueNamePrefix: z.string().optional() });

export const getQueueAttributes = z.strictObject({
  QueueUrl: queueUrl,
  AttributeNames: names.optional(),
});

export const setQueueAttributes = z.strictObject({ QueueUrl: queueUrl, Attributes: attributes });

export const purgeQueue = z.strictObject({ QueueUrl: queueUrl });

export const sendMessage = z.strictObject({ QueueUrl: queueUrl, ...messageFields });
export const sendEntry = z.strictObject({ Id: z.string(), ...messageFields });

export const receiveMessage = z.strictObject({
  QueueUrl: queueUrl,
  MaxNumberOfMessages: z.int().min(1).max(10).optional(),
  VisibilityTimeout: visibilitySeconds.optional(),
  WaitTimeSeconds: z.int().min(0).max(20).optional(),
  /** The older name of MessageSystemAttributeNames. */
  AttributeNames: names.optional(),
  MessageSystemAttributeNames: names.optional(),
  /** There are none to answer, whatever is asked for. */
  MessageAttributeNames: names.optional(),
});

const receipt = { ReceiptHandle: z.string().min(1) };
const visibility = { ...receipt, VisibilityTimeout: visibilitySeconds };

export const deleteMessage = z.strictObject({ QueueUrl: queueUrl, ...receipt });
export const deleteEntry = z.strictObject({ Id: z.string(), ...receipt });

export const changeVisibility = z.strictObject({ QueueUrl: queueUrl, ...visibility });
export const visibilityEntry = z.strictObject({ Id: z.string(), ...visibility });

/** Entries are checked one by one: a bad one fails alone. Their number is checked for SQS's own codes. */
export const batch = z.strictObject({
  QueueUrl: queueUrl,
  Entries: z.array(z.looseObject({ Id: z.string() })).max(1000),
});

export const startMove = z.strictObject({
  SourceArn: z.string().min(1),
  DestinationArn: z.string().min(1).optional(),
  MaxNumberOfMessagesPerSecond: z.int().min(1).max(500).optional(),
});

export const listMoves = z.strictObject({
  SourceArn: z.string().min(1),
  MaxResults: z.int().min(1).max(10).optional(),
});
