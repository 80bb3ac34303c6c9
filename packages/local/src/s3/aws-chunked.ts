/**
 * Decodes the `aws-chunked` framing that SDKs use when a checksum follows the body:
 *
 *     <size in hex>[;extension]\r\n <bytes> \r\n … 0\r\n <trailer-name>:<value>\r\n … \r\n
 *
 * Payload bytes are passed on as slices of what arrived, never collected. Trailers are handed over once the last chunk
 * was read; what they mean is left to payload.ts.
 */
import { S3Error } from "./errors.ts";

/** A size line or a trailer is short; a longer one is not this framing. */
const lineBytesMax = 1024;
const trailerCountMax = 16;

const newline = 0x0a;

export async function* decodeAwsChunked(
  source: AsyncIterable<Uint8Array>,
  onTrailer: (name: string, value: string) => void,
): AsyncGenerator<Uint8Array> {
  let state: "size" | "data" | "data-end" | "trailer" | "done" = "size";
  let line = "";
  let remainingBytes = 0;
  let trailerCount = 0;
  for await (const arrived of source) {
    let offset = 0;
    while (offset < arrived.length && state !== "done") {
      if (state === "data") {
        const slice = arrived.subarray(offset, offset + remainingBytes);
        offset += slice.length;
        remainingBytes -= slice.length;
        if (remainingBytes === 0) state = "data-end";
        yield slice;
        continue;
      }
      const end = arrived.indexOf(newline, offset);
      const stop = end === -1 ? arrived.length : end;
      line += Buffer.from(arrived.subarray(offset, stop)).toString("latin1");
      if (line.length > lineBytesMax) throw malformed();
      offset = stop + 1;
      if (end === -1) continue;
      const text = line.replace(/\r$/, "");
      line = "";
      if (state === "size") {
        remainingBytes = readSize(text);
        state = remainingBytes === 0 ? "trailer" : "data";
      } else if (state === "data-end") {
        if (text !== "") throw malformed();
        state = "size";
      } else if (text === "") {
        state = "done";
      } else {
        trailerCount += 1;
        if (trailerCount > trailerCountMax) throw malformed();
        const colon = text.indexOf(":");
        if (colon === -1) throw malformed();
        onTrailer(text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim());
      }
    }
  }
  // Some clients leave out the empty line behind the trailers; a missing last chunk is a cut body.
  if (state !== "done" && state !== "trailer") throw malformed();
}

function readSize(text: string): number {
  const hex = /^([0-9a-fA-F]{1,12})(;.*)?$/.exec(text)?.[1];
  if (hex === undefined) throw malformed();
  return Number.parseInt(hex, 16);
}

function malformed(): S3Error {
  return new S3Error("IncompleteBody", { message: "The aws-chunked body is cut or malformed." });
}
