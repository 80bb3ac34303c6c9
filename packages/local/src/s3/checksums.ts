/**
 * S3's checksum algorithms: how each is computed over a stream, named in a header, and derived for a whole object from
 * the checksums of its parts.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { Crc32c, Crc64Nvme } from "@aws-sdk/checksums/crc";
import { z } from "zod";
import { type CrcShape, combineCrcs } from "./crc-combine.ts";
import { S3Error } from "./errors.ts";

export const algorithms = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const;
export const checksumTypes = ["COMPOSITE", "FULL_OBJECT"] as const;
export type Algorithm = (typeof algorithms)[number];
export type ChecksumType = (typeof checksumTypes)[number];
/** What a multipart upload promised about its checksum when it began. */
export type ChecksumPlan = { algorithm: Algorithm; type: ChecksumType };
/** Base64, as S3 writes checksums everywhere. */
export type ChecksumValue = { algorithm: Algorithm; value: string };

/** A running checksum; `value` ends it. */
export type Digest = { update(chunk: Uint8Array): void; value(): Promise<string> };

export type PartChecksum = { value: string; sizeBytes: number };

const digestBytes: Record<Algorithm, number> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
};

const crcShapes: Partial<Record<Algorithm, CrcShape>> = {
  CRC32: { widthBits: 32, polynomial: 0xedb88320n },
  CRC32C: { widthBits: 32, polynomial: 0x82f63b78n },
  CRC64NVME: { widthBits: 64, polynomial: 0x9a6c9329ac4bc9b5n },
};

export function headerOf(algorithm: Algorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** The element's name in XML documents. */
export function elementOf(algorithm: Algorithm): string {
  return `Checksum${algorithm}`;
}

export function startDigest(algorithm: Algorithm): Digest {
  switch (algorithm) {
    case "CRC32":
      return startCrc32();
    case "CRC32C":
      return fromSdk(new Crc32c());
    case "CRC64NVME":
      return fromSdk(new Crc64Nvme());
    case "SHA1":
    case "SHA256":
      return fromHash(algorithm.toLowerCase());
  }
}

/** The checksum a request states, in a header or, for aws-chunked bodies, in a trailer; at most one is allowed. */
export function statedChecksum(headers: ReadonlyMap<string, string>): ChecksumValue | undefined {
  const stated = algorithms.flatMap((algorithm) => {
    const value = headers.get(headerOf(algorithm));
    return value === undefined ? [] : [{ algorithm, value }];
  });
  if (stated.length > 1) {
    const message =
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
    throw new S3Error("InvalidRequest", { message });
  }
  const [only] = stated;
  if (only === undefined) return undefined;
  // A composite value carries `-<part count>` behind its base64.
  const digest = only.value.replace(/-\d+$/, "");
  if (Buffer.from(digest, "base64").length !== digestBytes[only.algorithm]) {
    const message = `Value for ${headerOf(only.algorithm)} header is invalid.`;
    throw new S3Error("InvalidRequest", { message });
  }
  return only;
}

/** Reads `x-amz-checksum-algorithm` and `-type` of CreateMultipartUpload; undefined when no checksum is asked for. */
export function readChecksumPlan(headers: ReadonlyMap<string, string>): ChecksumPlan | undefined {
  const algorithmHeader = headers.get("x-amz-checksum-algorithm")?.toUpperCase();
  const typeHeader = headers.get("x-amz-checksum-type")?.toUpperCase();
  if (algorithmHeader === undefined) {
    if (typeHeader === undefined) return undefined;
    const message =
      "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.";
    throw new S3Error("InvalidRequest", { message });
  }
  const algorithm = z.enum(algorithms).safeParse(algorithmHeader);
  const type = z.enum(checksumTypes).optional().safeParse(typeHeader);
  if (!algorithm.success || !type.success) {
    throw new S3Error("InvalidRequest", {
      message: "Checksum algorithm or type provided is unsupported.",
    });
  }
  const usual = algorithm.data === "CRC64NVME" ? "FULL_OBJECT" : "COMPOSITE";
  const plan = { algorithm: algorithm.data, type: type.data ?? usual } as const;
  const isCrc = crcShapes[plan.algorithm] !== undefined;
  const isAllowed = plan.type === usual || (isCrc && plan.algorithm !== "CRC64NVME");
  if (!isAllowed) {
    const message = `The ${plan.type} checksum type cannot be used with the ${plan.algorithm} checksum algorithm.`;
    throw new S3Error("InvalidRequest", { message });
  }
  return plan;
}

/** The checksum of the whole object, as S3 derives it from its parts: nothing is read again. */
export async function combineParts(
  plan: ChecksumPlan,
  parts: readonly PartChecksum[],
): Promise<string> {
  if (plan.type === "COMPOSITE") {
    const digest = startDigest(plan.algorithm);
    for (const part of parts) digest.update(Buffer.from(part.value, "base64"));
    return `${await digest.value()}-${parts.length}`;
  }
  const shape = crcShapes[plan.algorithm];
  if (shape === undefined) throw new Error(`${plan.algorithm} has no full-object form`);
  const combined = combineCrcs(
    shape,
    parts.map(({ value, sizeBytes }) => ({
      crc: BigInt(`0x${Buffer.from(value, "base64").toString("hex")}`),
      sizeBytes,
    })),
  );
  return Buffer.from(combined.toString(16).padStart(shape.widthBits / 4, "0"), "hex").toString(
    "base64",
  );
}

function startCrc32(): Digest {
  let register = 0;
  return {
    update(chunk) {
      register = crc32(chunk, register);
    },
    async value() {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(register);
      return bytes.toString("base64");
    },
  };
}

function fromSdk(crc: { update(chunk: Uint8Array): void; digest(): Promise<Uint8Array> }): Digest {
  return {
    update: (chunk) => crc.update(chunk),
    value: async () => Buffer.from(await crc.digest()).toString("base64"),
  };
}

function fromHash(name: string): Digest {
  const hash = createHash(name);
  return {
    update: (chunk) => void hash.update(chunk),
    value: async () => hash.digest("base64"),
  };
}
