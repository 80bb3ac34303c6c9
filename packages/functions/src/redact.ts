/**
 * The last line of defence before a log: whatever is handed in, an error or a field however deep, nothing that opens an
 * account or a video comes out. Core logs no such thing in the first place; a library's message might.
 *
 * What is secret is told by its name or by its shape. Rather too much is hidden than too little: a line is still found
 * by its event, its ids and its code.
 */
const hidden = "[hidden]";

/** Names of fields and of headers whose values nobody may read. */
const secretName =
  /token|secret|cookie|signature|authorization|credential|password|verifier|upload_?url|signed_?url|^state$|^sealed/i;

/** Names of ours that sound like one and hold none. */
const plainNames = new Set(["consentTextVersion"]);

/** A stable code reads like words: `invalid_grant`, `UND_ERR_SOCKET`, `503`. An authorization code does not. */
const wordyCode = /^(\d{3}|[a-z]{1,24}([_.-][a-z0-9]{1,24})*|[A-Z]{1,24}(_[A-Z0-9]{1,24})*)$/;
/** Names of errors: `TimeoutError`. */
const className = /^([A-Z][a-z]+){1,8}$/;

/** Where secrets are in texts. A group is kept; what follows it goes. */
const shapes: RegExp[] = [
  // Signed URLs and upload addresses carry their secret in the query, so no query is kept.
  /(https?:\/\/[^\s"'<>?#]+[?#])[^\s"'<>]+/g,
  // TikTok's access, refresh and client tokens.
  /\b((?:act|rft|clt)\.)[\w.!*%~-]+/g,
  /\b(Bearer\s+)[\w.~+/=!*-]+/gi,
  // `name=value` and `"name":"value"`, in forms, queries, cookies and quoted JSON.
  /((?:__Host-[\w-]+|[\w-]*(?:token|secret|signature|credential|cookie|verifier)|code|state)["']?\s*[=:]\s*["']?)(?!\[hidden)[^\s"'&;,}]{12,}/gi,
  // Sessions, states and verifiers: 256 bits in base64url.
  /(?<![\w-])()[\w-]{43}(?![\w-])/g,
];

/** Replaces each of `secrets` and whatever looks like one. */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let result = text;
  for (const secret of secrets) if (secret !== "") result = result.replaceAll(secret, hidden);
  for (const shape of shapes) result = result.replace(shape, `$1${hidden}`);
  return result;
}

/** For `JSON.stringify`: one field of a line, at any depth. */
export function redactField(
  name: string,
  value: unknown,
  secrets: readonly string[] = [],
): unknown {
  if (value instanceof Error) return plainError(value);
  if (ArrayBuffer.isView(value) || isBuffer(value)) return hidden;
  // Names of metrics are ours, and what they hold are numbers.
  if (typeof value === "number" || typeof value === "boolean" || value == null) return value;
  if (secretName.test(name) && !plainNames.has(name)) return hidden;
  if (typeof value !== "string") return value;
  if (name === "code" && !wordyCode.test(value) && !className.test(value)) return hidden;
  return redactText(value, secrets);
}

/** As `JSON.stringify` shows it: Node's buffers are turned into numbers before anybody is asked. */
function isBuffer(value: unknown): boolean {
  return typeof value === "object" && value !== null && "type" in value && value.type === "Buffer";
}

/** Only what every error has: libraries hang requests, with their headers, on theirs. */
function plainError(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  return {
    name,
    ...("code" in error && { code: error.code }),
    message,
    stack,
    ...(cause !== undefined && { cause }),
  };
}
