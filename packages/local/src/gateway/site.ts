/**
 * The built page: files from the site's output folder, the index page for every route that the page
 * itself knows, and a page that says what to do when there is nothing built.
 *
 * Caching is the deployed site's: hashed assets for ever, everything else never.
 */
import { createReadStream, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { splitUrl } from "./event.ts";

export type SiteOptions = {
  /** The folder with the built files. */
  outputDir: string;
  indexPage: string;
  /** Why there may be nothing to serve; read when a page is missing. */
  problem(): string | null;
};

const typeByExtension: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".gif": "image/gif",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".mp4": "video/mp4",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};

const cacheForever = "max-age=31536000,public,immutable";
const cacheNever = "max-age=0,no-cache,no-store,must-revalidate";

export async function serveSite(
  request: IncomingMessage,
  response: ServerResponse,
  site: SiteOptions,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD" }).end();
    return;
  }
  const { path } = splitUrl(request.url ?? "/");
  const file = findFile(site, path);
  if (file !== null) return sendFile(request, response, file);
  if (findFile(site, `/${site.indexPage}`) === null) return sendProblem(response, site.problem());
  response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("Not found\n");
}

/** The file for a path, the index page for a route of the page, or null for a file that is missing. */
function findFile(site: SiteOptions, path: string): string | null {
  if (path.includes("\0")) return null;
  const file = normalize(join(site.outputDir, path));
  if (!file.startsWith(site.outputDir + sep) && file !== site.outputDir) return null;
  if (isFile(file)) return file;
  const index = join(site.outputDir, site.indexPage);
  return extname(path) === "" && isFile(index) ? index : null;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: string,
): Promise<void> {
  // Vite writes `name-B1f2c3D4.js`: such a name never means other bytes.
  const isHashed = /-[\w-]{8}\.\w+$/.test(file) && extname(file) !== ".html";
  response.writeHead(200, {
    "content-type": typeByExtension[extname(file).toLowerCase()] ?? "application/octet-stream",
    "content-length": statSync(file).size,
    "cache-control": isHashed ? cacheForever : cacheNever,
  });
  if (request.method === "HEAD") response.end();
  else await pipeline(createReadStream(file), response);
}

function sendProblem(response: ServerResponse, problem: string | null): void {
  const reason = escapeHtml(problem ?? "The page has not been built yet.");
  response.writeHead(503, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": cacheNever,
    // Ours, and not the page: its few styles stand in it.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
  });
  response.end(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>The page is not built</title>
<style>body{font:16px/1.5 system-ui;max-width:44rem;margin:4rem auto;padding:0 1rem}
pre{background:#f4f4f5;padding:1rem;overflow:auto}</style>
<h1>The page is not built</h1>
<p>The API under <code>/api</code> works. The page itself is missing:</p>
<pre>${reason}</pre>
<p>Fix that and start again; the page is built on every start when its sources have changed.</p>
</html>
`);
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
