/**
 * CRC-32 as in zip, PNG and S3, fast enough to keep ahead of any link: sixteen bytes a turn, read as words, over sixteen
 * tables ("slicing-by-16"), about 1.3 GB/s in V8 where a byte a turn makes 0.3.
 *
 * Words are read in the machine's order, which is little-endian wherever browsers and Node run.
 */

/** Goes on from `value`, the CRC of what came before; has the shape of `crc32` in `node:zlib`. */
export type Crc32 = (bytes: Uint8Array, value?: number) => number;

const reversedPolynomial = 0xedb88320;
const sliceCount = 16;
const tables = makeTables();

export const crc32: Crc32 = (bytes, value = 0) => {
  const end = bytes.length;
  const aligned = Math.min(end, (4 - (bytes.byteOffset & 3)) & 3);
  const wordCount = ((end - aligned) >> 4) << 2;
  let register = byByte(~value, bytes, 0, aligned);
  if (wordCount > 0) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + aligned, wordCount);
    for (let index = 0; index < wordCount; index += 4) {
      register =
        slices(register ^ (words[index] as number), 12) ^
        slices(words[index + 1] as number, 8) ^
        slices(words[index + 2] as number, 4) ^
        slices(words[index + 3] as number, 0);
    }
  }
  return ~byByte(register, bytes, aligned + wordCount * 4, end) >>> 0;
};

/** Big-endian in base64, as S3 writes it. */
export function crc32Text(value: number): string {
  const bytes = [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
  return btoa(String.fromCharCode(...bytes));
}

function byByte(start: number, bytes: Uint8Array, from: number, to: number): number {
  let register = start;
  for (let index = from; index < to; index += 1) {
    register = at((register ^ (bytes[index] as number)) & 255) ^ (register >>> 8);
  }
  return register;
}

/** What the four bytes of a word add, `after` bytes before the end of the turn. */
function slices(word: number, after: number): number {
  const table = after << 8;
  return (
    at(table + 768 + (word & 255)) ^
    at(table + 512 + ((word >>> 8) & 255)) ^
    at(table + 256 + ((word >>> 16) & 255)) ^
    at(table + (word >>> 24))
  );
}

function at(index: number): number {
  return tables[index] as number;
}

/** Table k says what a byte adds that is followed by k others in its turn. */
function makeTables(): Int32Array {
  const made = new Int32Array(256 * sliceCount);
  for (let byte = 0; byte < 256; byte += 1) {
    let register = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      register = register & 1 ? (register >>> 1) ^ reversedPolynomial : register >>> 1;
    }
    made[byte] = register;
  }
  for (let index = 256; index < made.length; index += 1) {
    const before = made[index - 256] as number;
    made[index] = (made[before & 255] as number) ^ (before >>> 8);
  }
  return made;
}
