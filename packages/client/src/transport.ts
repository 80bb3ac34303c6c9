/**
 * How the bytes of a part travel to storage, and the two ways a browser has.
 *
 * A transport makes one attempt and reports what storage said; judging and repeating is the sender's work. It rejects
 * with a `NetworkError` when no answer came, and with the signal's reason when it was told to stop.
 * XMLHttpRequest is the only one in a browser that tells how much of a body has left; fetch serves the rest.
 */
import { NetworkError } from "./errors.ts";
import type { PartBody } from "./source.ts";

export type PartRequest = {
  url: string;
  /** Signed with the URL; to be sent as they are. */
  headers: Readonly<Record<string, string>>;
  body: PartBody;
  bytes: number;
  signal: AbortSignal;
  /** Bytes of this attempt that have left so far. */
  onSent(sentBytes: number): void;
};

export type PartAnswer = {
  status: number;
  /** S3's error code, such as `RequestTimeout`. */
  code: string | null;
  retryAfterMs: number | null;
};

export type PartTransport = {
  /** Whether `onSent` is called while the body is under way, so that its silence means a stall. */
  readonly isProgressive: boolean;
  put(request: PartRequest): Promise<PartAnswer>;
};

export function browserTransport(): PartTransport {
  return typeof XMLHttpRequest === "undefined" ? fetchTransport() : xhrTransport();
}

export function xhrTransport(): PartTransport {
  return {
    isProgressive: true,
    put: ({ url, headers, body, signal, onSent }) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const xhr = new XMLHttpRequest();
        const onAbort = () => xhr.abort();
        signal.addEventListener("abort", onAbort, { once: true });
        xhr.open("PUT", url);
        for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
        xhr.upload.onprogress = (event) => onSent(event.loaded);
        xhr.onload = () => {
          // Asking for a header that CORS does not expose puts an error on the console; looking it up does not.
          const found = /^retry-after: *(\d+)/im.exec(xhr.getAllResponseHeaders());
          resolve(answerOf(xhr.status, xhr.responseText, found?.[1] ?? null));
        };
        xhr.onerror = () => reject(new NetworkError("network"));
        xhr.onabort = () => reject(signal.reason);
        xhr.onloadend = () => signal.removeEventListener("abort", onAbort);
        xhr.send(wholeBody(body));
      }),
  };
}

export function fetchTransport(send: typeof fetch = (...input) => fetch(...input)): PartTransport {
  return {
    isProgressive: false,
    put: async ({ url, headers, body, bytes, signal, onSent }) => {
      try {
        const request = { method: "PUT", headers, body: wholeBody(body), signal };
        const response = await send(url, request);
        const text = await response.text();
        onSent(bytes);
        return answerOf(response.status, text, response.headers.get("Retry-After"));
      } catch (error) {
        signal.throwIfAborted();
        throw new NetworkError("network", error);
      }
    },
  };
}

/** Reads S3's answer; only the code matters, and it is looked for in the first 4 kB alone. */
export function answerOf(status: number, text: string, retryAfter: string | null): PartAnswer {
  const retryAfterSec = Number(retryAfter ?? Number.NaN);
  return {
    status,
    code: /<Code>([A-Za-z]{1,64})<\/Code>/.exec(text.slice(0, 4096))?.[1] ?? null,
    retryAfterMs: Number.isFinite(retryAfterSec) ? retryAfterSec * 1000 : null,
  };
}

/** A presigned part demands its exact Content-Length, which a browser only sends for bodies of known length. */
function wholeBody(body: PartBody): Blob | Uint8Array<ArrayBuffer> {
  if (body instanceof Blob) return body;
  if (body instanceof Uint8Array) return body as Uint8Array<ArrayBuffer>;
  throw new TypeError(
    "This transport needs a Blob or bytes; use @clipcast/client/node for streams.",
  );
}
