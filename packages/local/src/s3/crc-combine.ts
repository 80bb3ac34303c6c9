/**
 * The CRC of A followed by B from the CRCs of A and B alone, for any reflected CRC whose register starts and ends
 * inverted (CRC32, CRC32C, CRC64NVME).
 *
 * This lets a multipart upload's full-object checksum be known without reading a byte again. The method is zlib's
 * crc32_combine: appending n zero bytes multiplies the register by x^(8n) modulo the polynomial.
 */

export type CrcShape = {
  widthBits: number;
  /** The polynomial, bit-reversed, without its leading term. */
  polynomial: bigint;
};

export type CrcPart = { crc: bigint; sizeBytes: number };

export function combineCrcs(shape: CrcShape, parts: readonly CrcPart[]): bigint {
  // Parts of an upload nearly all have one size, so its operator is worth keeping.
  const operatorBySize = new Map<number, bigint>();
  let combined = 0n;
  for (const part of parts) {
    let operator = operatorBySize.get(part.sizeBytes);
    if (operator === undefined) {
      operator = powerOfX(shape, BigInt(part.sizeBytes) * 8n);
      operatorBySize.set(part.sizeBytes, operator);
    }
    combined = multiply(shape, operator, combined) ^ part.crc;
  }
  return combined;
}

/** x^exponent modulo the polynomial, by squaring. In reflected form the highest bit is x^0. */
function powerOfX(shape: CrcShape, exponent: bigint): bigint {
  const one = 1n << BigInt(shape.widthBits - 1);
  let power = one;
  let square = one >> 1n;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) power = multiply(shape, square, power);
    square = multiply(shape, square, square);
  }
  return power;
}

/** a × b modulo the polynomial, over GF(2). */
function multiply(shape: CrcShape, a: bigint, b: bigint): bigint {
  let product = 0n;
  let shifted = b;
  for (let bit = shape.widthBits - 1; bit >= 0; bit -= 1) {
    if (((a >> BigInt(bit)) & 1n) === 1n) product ^= shifted;
    shifted = (shifted & 1n) === 1n ? (shifted >> 1n) ^ shape.polynomial : shifted >> 1n;
  }
  return product;
}
