/**
 * A queue's attributes: SQS's strings on the wire, checked numbers inside.
 *
 * Only what changes the behaviour of a standard queue here is accepted. Encryption, policies and FIFO attributes are
 * refused by name rather than ignored, so that nobody relies on what is not there.
 */
import { z } from "zod";
import { invalidAttributeName, invalidAttributeValue } from "./errors.ts";

export type QueueSettings = {
  visibilityTimeoutSeconds: number;
  delaySeconds: number;
  retentionSeconds: number;
  waitSeconds: number;
  messageBytesMax: number;
  redrive: { targetArn: string; receiveCountMax: number } | null;
};

/** Defaults and ranges: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html */
export const defaultSettings: QueueSettings = {
  visibilityTimeoutSeconds: 30,
  delaySeconds: 0,
  retentionSeconds: 345_600,
  waitSeconds: 0,
  messageBytesMax: 1_048_576,
  redrive: null,
};

const attributesSchema = z.strictObject({
  VisibilityTimeout: integer(0, 43_200).optional(),
  DelaySeconds: integer(0, 900).optional(),
  MessageRetentionPeriod: integer(60, 1_209_600).optional(),
  ReceiveMessageWaitTimeSeconds: integer(0, 20).optional(),
  MaximumMessageSize: integer(1024, 1_048_576).optional(),
  RedrivePolicy: z.string().transform(parseRedrivePolicy).optional(),
});

const redrivePolicySchema = z.object({
  deadLetterTargetArn: z.string().min(1),
  maxReceiveCount: z.union([z.int(), z.string().regex(/^\d{1,4}$/)]).transform(Number),
});

export type Attributes = Record<string, string>;

/** Applies the named attributes to the settings; refuses unknown names and values out of range. */
export function applyAttributes(base: QueueSettings, attributes: Attributes): QueueSettings {
  const parsed = attributesSchema.safeParse(attributes);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    if (issue?.code === "unrecognized_keys") {
      throw invalidAttributeName(issue.keys.join(", "));
    }
    throw invalidAttributeValue(String(issue?.path[0]));
  }
  const given = parsed.data;
  return {
    visibilityTimeoutSeconds: given.VisibilityTimeout ?? base.visibilityTimeoutSeconds,
    delaySeconds: given.DelaySeconds ?? base.delaySeconds,
    retentionSeconds: given.MessageRetentionPeriod ?? base.retentionSeconds,
    waitSeconds: given.ReceiveMessageWaitTimeSeconds ?? base.waitSeconds,
    messageBytesMax: given.MaximumMessageSize ?? base.messageBytesMax,
    redrive: given.RedrivePolicy === undefined ? base.redrive : given.RedrivePolicy,
  };
}

export function toAttributes(settings: QueueSettings): Attributes {
  const { redrive } = settings;
  return {
    VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
    DelaySeconds: String(settings.delaySeconds),
    MessageRetentionPeriod: String(settings.retentionSeconds),
    ReceiveMessageWaitTimeSeconds: String(settings.waitSeconds),
    MaximumMessageSize: String(settings.messageBytesMax),
    ...(redrive === null
      ? {}
      : {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: redrive.targetArn,
            maxReceiveCount: redrive.receiveCountMax,
          }),
        }),
  };
}

function integer(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .refine((value) => value >= min && value <= max);
}

/** An empty string removes the policy, as in SQS. */
function parseRedrivePolicy(text: string, context: z.RefinementCtx): QueueSettings["redrive"] {
  if (text === "") {
    return null;
  }
  const parsed = redrivePolicySchema.safeParse(parseJson(text));
  const receiveCountMax = parsed.data?.maxReceiveCount ?? 0;
  if (!parsed.success || receiveCountMax < 1 || receiveCountMax > 1000) {
    context.addIssue({ code: "custom", message: "not a redrive policy" });
    return z.NEVER;
  }
  return { targetArn: parsed.data.deadLetterTargetArn, receiveCountMax };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
