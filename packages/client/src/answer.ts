/**
 * Sorts what storage answered to a part, once and by code (S3 error responses:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
 *
 *   stored   the part is there
 *   retry    the same request may succeed later
 *   damaged  other bytes arrived than were signed: changed on the way, or in the file
 *   re-sign  the URL is no longer good; a new one may be
 *   gone     this upload does not exist any more
 *   refused  no repetition will help
 */
import type { PartAnswer } from "./transport.ts";

export type Verdict = "stored" | "retry" | "damaged" | "re-sign" | "gone" | "refused";

/** Said with status 400, yet a matter of the connection and not of the request. */
const retryCodes = new Set(["RequestTimeout", "IncompleteBody"]);
/** Said with status 400 when the bytes do not have the checksum that was signed. */
const damagedCodes = new Set(["BadDigest", "XAmzContentChecksumMismatch"]);
/** Said with status 400 when the session of the signing role has ended. */
const resignCodes = new Set(["ExpiredToken", "InvalidToken"]);

export function verdictOf({ status, code }: PartAnswer): Verdict {
  if (status >= 200 && status < 300) return "stored";
  if (code !== null && resignCodes.has(code)) return "re-sign";
  if (code !== null && retryCodes.has(code)) return "retry";
  if (code !== null && damagedCodes.has(code)) return "damaged";
  if (status === 403) return "re-sign";
  if (status === 404) return "gone";
  if (status === 408 || status === 409 || status === 429 || status >= 500) return "retry";
  return "refused";
}
