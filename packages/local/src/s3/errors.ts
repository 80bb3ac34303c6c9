/**
 * S3's refusals: each code with its HTTP status and sentence, and the XML document that carries one.
 *
 * Promises that whatever is thrown as an `S3Error` reaches the client as S3 would say it. Choosing the code is left
 * to the operation that refuses.
 */
import { renderXml } from "./xml.ts";

/** Codes and statuses: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const catalogue = {
  AccessDenied: [403, "Access Denied"],
  AccessForbidden: [403, "CORSResponse: This CORS request is not allowed."],
  AuthorizationHeaderMalformed: [400, "The authorization header that you provided is not valid."],
  AuthorizationQueryParametersError: [400, "Query-string authentication parameters are not valid."],
  BadDigest: [400, "The checksum you specified did not match what we received."],
  BadRequest: [400, "Insufficient information. Origin request header needed."],
  BucketAlreadyOwnedByYou: [409, "The bucket that you tried to create already exists."],
  BucketNotEmpty: [409, "The bucket that you tried to delete is not empty."],
  EntityTooLarge: [400, "Your proposed upload exceeds the maximum allowed object size."],
  EntityTooSmall: [400, "Your proposed upload is smaller than the minimum allowed object size."],
  IncompleteBody: [400, "You did not provide the number of bytes specified by Content-Length."],
  InternalError: [500, "We encountered an internal error. Please try again."],
  InvalidAccessKeyId: [403, "The AWS access key ID that you provided does not exist."],
  InvalidArgument: [400, "Invalid Argument"],
  InvalidBucketName: [400, "The specified bucket is not valid."],
  InvalidDigest: [400, "The Content-MD5 or checksum value that you specified is not valid."],
  InvalidPart: [400, "One or more of the specified parts could not be found or did not match."],
  InvalidPartNumber: [416, "The requested partnumber is not satisfiable"],
  InvalidPartOrder: [400, "The list of parts was not in ascending order."],
  InvalidRange: [416, "The requested range is not satisfiable"],
  InvalidRequest: [400, "Invalid Request"],
  InvalidURI: [400, "The specified URI couldn't be parsed."],
  KeyTooLongError: [400, "Your key is too long."],
  MalformedXML: [400, "The XML that you provided was not well formed or did not validate."],
  MaxMessageLengthExceeded: [400, "Your request was too large."],
  MetadataTooLarge: [400, "Your metadata headers exceed the maximum allowed metadata size."],
  MissingContentLength: [411, "You must provide the Content-Length HTTP header."],
  NoSuchBucket: [404, "The specified bucket does not exist."],
  NoSuchCORSConfiguration: [404, "The CORS configuration does not exist."],
  NoSuchKey: [404, "The specified key does not exist."],
  NoSuchLifecycleConfiguration: [404, "The lifecycle configuration does not exist."],
  NoSuchUpload: [404, "The specified multipart upload does not exist."],
  NotImplemented: [501, "A header or query you provided implies functionality that is not here."],
  PreconditionFailed: [412, "At least one of the preconditions you specified did not hold."],
  RequestTimeTooSkewed: [403, "The request time and the server's time differ by too much."],
  SignatureDoesNotMatch: [403, "The request signature we calculated does not match yours."],
  XAmzContentSHA256Mismatch: [400, "x-amz-content-sha256 does not match what was computed."],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type ErrorCode = keyof typeof catalogue;

export class S3Error extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  /** Further elements of the XML document, such as `ActualObjectSize`. */
  readonly details: Record<string, string | number>;

  constructor(
    code: ErrorCode,
    options: { message?: string; details?: Record<string, string | number>; cause?: unknown } = {},
  ) {
    const [status, message] = catalogue[code];
    super(options.message ?? message, { cause: options.cause });
    this.name = "S3Error";
    this.code = code;
    this.status = status;
    this.details = options.details ?? {};
  }
}

/** A request that cannot be read is the client's fault; anything else that is thrown is ours. */
export function asS3Error(error: unknown): S3Error {
  return error instanceof S3Error ? error : new S3Error("InternalError", { cause: error });
}

export function renderError(
  error: S3Error,
  where: { resource: string; requestId: string },
): string {
  return renderXml("Error", {
    Code: error.code,
    Message: error.message,
    ...error.details,
    Resource: where.resource,
    RequestId: where.requestId,
  });
}
