/**
 * Tells within milliseconds whether a file is the one an upload began with: a hash over its size, head, middle and
 * tail. Not proof against a forger, who could only spoil his own upload.
 */
const sampleBytes = 64 * 1024;

export async function fingerprintOf(file: Blob): Promise<string> {
  const middle = Math.floor(file.size / 2);
  const samples = new Blob([
    String(file.size),
    file.slice(0, sampleBytes),
    file.slice(middle, middle + sampleBytes),
    file.slice(-sampleBytes),
  ]);
  const digest = await crypto.subtle.digest("SHA-256", await samples.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
