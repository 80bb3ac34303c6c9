/** `curl | curl`: for each chunk one curl reads the range and another sends it. As little work per byte as tools do. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { childrenOf, peakRssBytes } from "../resources.ts";
import type { Contender } from "./contender.ts";
import { chunksOf, contentType } from "./protocol.ts";

/** Reads lines of "range bytes"; $1 is the source, $2 the sink, $3 the file's size and $4 its content type. */
const script = `
set -e -o pipefail
while read -r range bytes; do
  curl -sSf -r "$range" "$1" </dev/null |
    curl -sSf -o /dev/null -T - -H "Content-Length: $bytes" -H "Transfer-Encoding:" -H "Expect:" \
      -H "Content-Range: bytes $range/$3" -H "Content-Type: $4" "$2"
done
times
`;

/** Both curls hold their buffers from their first bytes on, so looking now and then finds their peak. */
const lookEveryMs = 10;

export const curl: Contender = async ({ storage, uploadUrl, bytes, plan }) => {
  const args = ["-c", script, "bash", storage.getUrl, uploadUrl, String(bytes), contentType];
  const bash = spawn("bash", args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(bash, "exit");
  const lines = chunksOf(bytes, plan).map(
    (chunk) => `${chunk.firstByte}-${chunk.lastByte} ${chunk.bytes}\n`,
  );
  bash.stdin.end(lines.join(""));

  let peakBytes = 0;
  const looking = setInterval(() => {
    const pair = bash.pid === undefined ? [] : childrenOf(bash.pid);
    const sum = pair.reduce((total, pid) => total + (peakRssBytes(pid) ?? 0), 0);
    peakBytes = Math.max(peakBytes, sum);
  }, lookEveryMs);
  try {
    const [said, [code]] = await Promise.all([text(bash.stdout), ended]);
    if (code !== 0) throw new Error(`curl | curl ended with ${code}`);
    return { cpuSeconds: secondsIn(said), peakRssBytes: peakBytes === 0 ? null : peakBytes };
  } finally {
    clearInterval(looking);
  }
};

/** User and system time of the shell and of its children, as `times` prints them: `0m0.012s 0m0.034s`, twice. */
function secondsIn(times: string): number {
  return [...times.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  );
}
