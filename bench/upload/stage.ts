/**
 * Everything that an uploader talks to, in one process: the embedded S3, our API, a signer for Uppy as its documentation
 * wants it, and the page. The API is the product's own routes and core over tables in memory, with real S3 storage and
 * real signatures; only login, TikTok and the tables are faked. In front of it all is the link, a process of its own.
 */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CreateBucketCommand, PutBucketCorsCommand, S3Client } from "@aws-sdk/client-s3";
import { s3ClientConfig } from "@clipcast/core/storage";
import { startS3 } from "@clipcast/local/s3";
import { serveParent, startChild } from "../child.ts";
import { listen } from "../listen.ts";
import { createApi } from "./api.ts";
import { bucket, clearBucket, readObjects } from "./bucket.ts";
import { type Seen, shaperAddressSchema, stageSchema } from "./protocol.ts";
import { createUppySigner } from "./uppy-signer.ts";

const access = {
  region: "us-east-1",
  credentials: { accessKeyId: "bench", secretAccessKey: "not-a-secret" },
};
/** The largest body that the site takes: a list of two hundred ETags. */
const bodyBytesMax = 256 * 1024;

await serveParent(stageSchema, async ({ dir, pagesDir, link }) => {
  const s3 = await startS3({ dir, port: 0, region: access.region, ...access.credentials });
  const counts = { signCalls: 0, apiCalls: 0 };
  const site = createServer();
  const sitePort = Number(new URL(await listen(site)).port);
  const shaper = await startChild({
    path: fileURLToPath(new URL("./shaper.ts", import.meta.url)),
    input: { sitePort, storagePort: s3.port, link },
    answer: shaperAddressSchema,
  });
  const { siteUrl, storageUrl, controlUrl } = shaper.answer;

  // Servers reach storage past the link; what they sign is for those who come by way of it.
  const inside = connect(s3.url);
  const outside = connect(storageUrl);
  await prepareBucket(inside, siteUrl);
  const api = await createApi({ client: inside, signer: outside, origin: siteUrl });
  const uppy = createUppySigner({ client: inside, signer: outside });
  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/uppy/") || pathname.startsWith("/api/")) counts.apiCalls += 1;
    if (/^\/uppy\/sign|\/upload-chunk$/.test(pathname)) counts.signCalls += 1;
    if (pathname.startsWith("/uppy/")) return uppy(request);
    if (pathname.startsWith("/api/")) return api(request);
    return page(pagesDir, pathname);
  };
  site.on("request", (message, response) => void exchange(siteUrl, answer, message, response));

  const control = createServer((message, response) => {
    void (async (): Promise<unknown> => {
      const isReset = message.method === "POST";
      const shaped = await (await fetch(controlUrl, { method: message.method ?? "GET" })).json();
      if (isReset) await clearBucket(inside);
      if (isReset) Object.assign(counts, { signCalls: 0, apiCalls: 0 });
      const seen: Seen = {
        ...counts,
        ...shaped,
        objects: isReset ? [] : await readObjects(inside),
      };
      return response.end(JSON.stringify(seen));
    })().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  return { siteUrl, controlUrl: await listen(control) };
});

function connect(endpoint: string): S3Client {
  return new S3Client({ ...s3ClientConfig, ...access, endpoint, forcePathStyle: true });
}

async function prepareBucket(client: S3Client, origin: string): Promise<void> {
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  const rule = {
    AllowedOrigins: [origin],
    AllowedMethods: ["PUT", "POST", "GET"],
    AllowedHeaders: ["*"],
    ExposeHeaders: ["ETag"],
  };
  const CORSConfiguration = { CORSRules: [rule] };
  await client.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration }));
}

async function page(pagesDir: string, pathname: string): Promise<Response> {
  const name = /^\/([\w-]+)$/.exec(pathname)?.[1];
  if (name !== undefined) {
    const html = `<!doctype html><title>${name}</title><input type="file"><script type="module" src="/${name}.mjs"></script>`;
    return new Response(html, { headers: { "content-type": "text/html" } });
  }
  const file = /^\/([\w-]+\.mjs)$/.exec(pathname)?.[1];
  if (file === undefined) return new Response(null, { status: 404 });
  const headers = { "content-type": "text/javascript" };
  return new Response(await readFile(join(pagesDir, file), "utf8"), { headers });
}

/** Node's request and response as the web's. */
async function exchange(
  origin: string,
  answer: (request: Request) => Promise<Response>,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const method = message.method ?? "GET";
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) headers.set(name, String(value));
  const body = method === "GET" ? null : await readBody(message);
  const answered = await answer(new Request(`${origin}${message.url}`, { method, headers, body }));
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  response.end(await answered.text());
  await once(response, "close");
}

async function readBody(message: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of message.setEncoding("utf8")) {
    text += chunk;
    if (text.length > bodyBytesMax) throw new RangeError("the body is too large");
  }
  return text;
}
