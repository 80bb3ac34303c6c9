/** The aws-chunked framing, cut at every place a network may cut it. */
import { describe, expect, it } from "vitest";
import { decodeAwsChunked } from "../../src/s3/aws-chunked.ts";

const framed = "5\r\nhello\r\n7;ext=1\r\n\r\nworld\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";

async function decode(pieces: readonly string[]) {
  const trailers = new Map<string, string>();
  async function* source() {
    for (const piece of pieces) yield Buffer.from(piece);
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of decodeAwsChunked(source(), (name, value) =>
    trailers.set(name, value),
  )) {
    chunks.push(chunk);
  }
  return { text: Buffer.concat(chunks).toString(), trailers: Object.fromEntries(trailers) };
}

describe("an aws-chunked body", () => {
  const expected = { text: "hello\r\nworld", trailers: { "x-amz-checksum-crc32": "AAAAAA==" } };

  it("decodes the same wherever it is cut", async () => {
    for (let cut = 0; cut <= framed.length; cut += 1) {
      expect(await decode([framed.slice(0, cut), framed.slice(cut)])).toEqual(expected);
    }
    expect(await decode([...framed])).toEqual(expected);
  });

  it("is refused when its last chunk is missing", async () => {
    const end = framed.indexOf("0\r\nx-amz");
    for (let cut = 1; cut <= end; cut += 1) {
      await expect(decode([framed.slice(0, cut)])).rejects.toThrow("cut or malformed");
    }
  });

  it.each([
    "nonsense\r\n",
    "5\r\nhelloX\r\n0\r\n\r\n",
    "0\r\nno-colon\r\n\r\n",
    `0\r\n${"x".repeat(2000)}`,
  ])("is refused when it is not in the framing: %j", async (body) => {
    await expect(decode([body])).rejects.toThrow("cut or malformed");
  });
});
