/** CRC-32 against zlib's, in every alignment and length that the word loop has to get right. */
import { randomBytes } from "node:crypto";
import { crc32 as zlibCrc32 } from "node:zlib";
import { expect, it } from "vitest";
import { crc32, crc32Text } from "../src/crc32.ts";

it("knows the check value of the algorithm", () => {
  const value = crc32(new TextEncoder().encode("123456789"));
  expect(value).toBe(0xcbf43926);
  expect(crc32Text(value)).toBe("y/Q5Jg==");
  expect(crc32Text(crc32(new Uint8Array()))).toBe("AAAAAA==");
});

it("agrees with zlib for any beginning, length and alignment", () => {
  const bytes = randomBytes(512);
  for (let first = 0; first < 8; first += 1) {
    for (let length = 0; length <= 70; length += 1) {
      const part = new Uint8Array(bytes.buffer, bytes.byteOffset + first, length);
      expect(crc32(part)).toBe(zlibCrc32(part));
      expect(crc32(part, 0xdeadbeef)).toBe(zlibCrc32(part, 0xdeadbeef));
    }
  }
});

it("goes on from the value of what came before", () => {
  const bytes = new Uint8Array(randomBytes(100_003));
  let value = 0;
  for (let first = 0; first < bytes.length; first += 7_919) {
    value = crc32(bytes.subarray(first, first + 7_919), value);
  }
  expect(value).toBe(zlibCrc32(bytes));
});
