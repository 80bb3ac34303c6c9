import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { forEachLine, lineLengthMax } from "../../src/lambda/lines.ts";

async function linesOf(chunks: (string | Buffer)[]): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  forEachLine(stream, (line) => lines.push(line));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await new Promise((resolve) => stream.on("close", resolve));
  return lines;
}

it("joins what comes in pieces, also in the middle of a character", async () => {
  const umlaut = Buffer.from("ä");
  const chunks = ["on", "e\ntw", umlaut.subarray(0, 1), umlaut.subarray(1), "\n\nlast"];
  expect(await linesOf(chunks)).toEqual(["one", "twä", "", "last"]);
});

it("never holds more than one line's bound", async () => {
  const half = "x".repeat(lineLengthMax / 2);
  expect(await linesOf([half, half, half, "\nnext\n"])).toEqual([half + half, half, "next"]);
});
