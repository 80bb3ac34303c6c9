/**
 * `fetch`, 10 MiB at a time: a HEAD and a ranged GET for each chunk, the answer's stream as the PUT's body. So a popular
 * open-source scheduler posts to TikTok.
 */
import type { Contender } from "./contender.ts";
import { chunksOf, contentType } from "./protocol.ts";

const chunkBytes = 10 * 1024 * 1024;

export const fetch10: Contender = async ({ storage, uploadUrl, bytes }) => {
  const chunkCount = Math.max(1, Math.floor(bytes / chunkBytes));
  for (const chunk of chunksOf(bytes, { chunkBytes, chunkCount })) {
    const range = `${chunk.firstByte}-${chunk.lastByte}`;
    await accepted(await fetch(storage.headUrl, { method: "HEAD" }));
    const source = await accepted(
      await fetch(storage.getUrl, { headers: { range: `bytes=${range}` } }),
    );
    const put: RequestInit & { duplex: "half" } = {
      method: "PUT",
      headers: {
        "content-type": contentType,
        "content-length": String(chunk.bytes),
        "content-range": `bytes ${range}/${bytes}`,
      },
      body: source.body,
      duplex: "half",
    };
    const answer = await accepted(await fetch(uploadUrl, put));
    await answer.body?.cancel();
  }
  return null;
};

async function accepted(answer: Response): Promise<Response> {
  if (!answer.ok) throw new Error(`${answer.status} came in answer`);
  return answer;
}
