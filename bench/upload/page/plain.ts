/// <reference lib="dom" />
/**
 * Nothing but XMLHttpRequests, one after the other on each of a browser's six connections: what Chromium gives on this
 * machine and this link. URLs are known beforehand, no part is read for a checksum, and a broken one is sent again at once.
 */
import { measuredAfter } from "./gauge.ts";
import { ask } from "./uppy.ts";

const partBytes = 10 * 1024 * 1024;
const laneCount = 6;
/** So that they do not all end at once. */
const laneGapMs = 80;
const attemptsMax = 20;

interface Part {
  PartNumber: number;
  ETag: string;
}

measuredAfter(async (file) => {
  const begun = await ask<{ key: string; uploadId: string }>("/uppy/create", { key: "plain" });
  const partCount = Math.ceil(file.size / partBytes);
  const urls = await Promise.all(
    Array.from({ length: partCount }, async (_, partIndex) => {
      const part = { ...begun, method: "PUT", partNumber: partIndex + 1 };
      return (await ask<{ url: string }>("/uppy/sign", part)).url;
    }),
  );
  return async () => {
    const parts: Part[] = [];
    const waiting = urls.entries();
    const lane = async (laneIndex: number) => {
      await new Promise((resolve) => setTimeout(resolve, laneIndex * laneGapMs));
      for (const [partIndex, url] of waiting) {
        const firstByte = partIndex * partBytes;
        const ETag = await putPatiently(url, file.slice(firstByte, firstByte + partBytes));
        parts[partIndex] = { PartNumber: partIndex + 1, ETag };
      }
    };
    await Promise.all(Array.from({ length: laneCount }, (_, laneIndex) => lane(laneIndex)));
    await ask("/uppy/complete", { ...begun, parts });
  };
});

async function putPatiently(url: string, body: Blob): Promise<string> {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const etag = await put(url, body);
    if (etag !== null) return etag;
  }
  throw new Error(`a part failed ${attemptsMax} times`);
}

/** Null when the connection broke. */
function put(url: string, body: Blob): Promise<string | null> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.onload = () => resolve(request.getResponseHeader("ETag"));
    request.onerror = () => resolve(null);
    request.send(body);
  });
}
