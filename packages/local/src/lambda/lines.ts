/**
 * A process's output, line by line, with a bound on the line: a function that prints a gigabyte
 * without a newline costs the host 256 kB and no more.
 */
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** CloudWatch cuts a log event there too. */
export const lineLengthMax = 256 * 1024;

export function forEachLine(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line.slice(0, lineLengthMax));
    if (rest.length < lineLengthMax) return;
    onLine(rest.slice(0, lineLengthMax));
    rest = "";
  });
  stream.on("end", () => {
    rest += decoder.end();
    if (rest !== "") onLine(rest);
  });
  // Reading from a killed process may fail; its exit is reported by itself.
  stream.on("error", () => undefined);
}
