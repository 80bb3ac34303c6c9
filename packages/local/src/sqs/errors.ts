/**
 * The errors that SQS answers, with its own types, codes, statuses and wording.
 *
 * Types and codes follow the service model in @aws-sdk/client-sqs (`awsQueryError`). InvalidParameterValue and
 * MissingParameter are not in that model; SDKs know them by the code in `x-amzn-query-error` alone.
 */
import { AwsError } from "./aws-json.ts";

const sqs = "com.amazonaws.sqs";
const coral = "com.amazon.coral.service";

export function queueDoesNotExist(): AwsError {
  return new AwsError({
    type: `${sqs}#QueueDoesNotExist`,
    code: "AWS.SimpleQueueService.NonExistentQueue",
    message: "The specified queue does not exist.",
  });
}

export function queueNameExists(attribute: string): AwsError {
  return new AwsError({
    type: `${sqs}#QueueNameExists`,
    code: "QueueAlreadyExists",
    message: `A queue already exists with the same name and a different value for attribute ${attribute}`,
  });
}

export function receiptHandleIsInvalid(handle: string): AwsError {
  return new AwsError({
    type: `${sqs}#ReceiptHandleIsInvalid`,
    message: `The input receipt handle "${handle}" is not a valid receipt handle.`,
    status: 404,
  });
}

export function messageNotInflight(): AwsError {
  return new AwsError({
    type: `${sqs}#MessageNotInflight`,
    code: "AWS.SimpleQueueService.MessageNotInflight",
    message: "The message referred to is not in flight.",
  });
}

export function invalidParameterValue(options: {
  value: string;
  parameter: string;
  reason: string;
}): AwsError {
  const { value, parameter, reason } = options;
  return new AwsError({
    type: `${coral}#InvalidParameterValueException`,
    code: "InvalidParameterValue",
    message: `Value ${value} for parameter ${parameter} is invalid. Reason: ${reason}`,
  });
}

export function missingParameter(parameter: string): AwsError {
  return new AwsError({
    type: `${coral}#MissingParameterException`,
    code: "MissingParameter",
    message: `The request must contain the parameter ${parameter}.`,
  });
}

export function invalidAttributeName(name: string): AwsError {
  return new AwsError({
    type: `${sqs}#InvalidAttributeName`,
    message: `Unknown Attribute ${name}.`,
  });
}

export function invalidAttributeValue(name: string): AwsError {
  return new AwsError({
    type: `${sqs}#InvalidAttributeValue`,
    message: `Invalid value for the parameter ${name}.`,
  });
}

export function invalidMessageContents(): AwsError {
  return new AwsError({
    type: `${sqs}#InvalidMessageContents`,
    message: "The message contains characters outside the allowed set.",
  });
}

export function overLimit(message: string): AwsError {
  return new AwsError({ type: `${sqs}#OverLimit`, message, status: 403 });
}

export function unsupportedOperation(message: string): AwsError {
  return new AwsError({
    type: `${sqs}#UnsupportedOperation`,
    code: "AWS.SimpleQueueService.UnsupportedOperation",
    message,
  });
}

export function resourceNotFound(message: string): AwsError {
  return new AwsError({ type: `${sqs}#ResourceNotFoundException`, message, status: 404 });
}

export type BatchRefusal =
  | "EmptyBatchRequest"
  | "TooManyEntriesInBatchRequest"
  | "BatchEntryIdsNotDistinct"
  | "InvalidBatchEntryId"
  | "BatchRequestTooLong";

export function badBatch(kind: BatchRefusal, message: string): AwsError {
  return new AwsError({
    type: `${sqs}#${kind}`,
    code: `AWS.SimpleQueueService.${kind}`,
    message,
  });
}
