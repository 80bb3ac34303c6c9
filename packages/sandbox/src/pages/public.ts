// What the world sees: avatars, video files with ranges, a creator's profile and a post's page, the
// address that users of an app are given.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { Hono } from "hono";
import { html } from "hono/html";
import type { HttpContext } from "../call.ts";
import type { Sandbox } from "../context.ts";
import * as Posts from "../posts.ts";
import type { Creator, Post } from "../state.ts";
import { videoPath } from "../tasks.ts";
import { bytesText, chip, page, topBar, who } from "./layout.ts";

export function addPublicPages(app: Hono<{ Bindings: HttpBindings }>, sandbox: Sandbox): void {
  // Browsers ask for one without being told to, and put a 404 on the console.
  app.get("/favicon.ico", (c) => c.body(null, 204));
  app.get("/avatar/:file{[a-z0-9_.]+\\.svg}", (c) => {
    const creator = sandbox.store.creators.get(c.req.param("file").slice(0, -4));
    if (creator === undefined) return c.notFound();
    return c.body(avatarSvg(creator), 200, { "content-type": "image/svg+xml" });
  });
  app.get("/media/:postId", (c) => {
    const post = sandbox.store.posts.get(c.req.param("postId"));
    return post === undefined ? c.notFound() : sendVideo(sandbox, c, post);
  });
  app.get("/:handle{@[a-z0-9_.]+}", (c) => {
    const creator = sandbox.store.creators.get(c.req.param("handle").slice(1));
    return creator === undefined ? notFoundPage(c) : profilePage(sandbox, c, creator);
  });
  app.get("/:handle{@[a-z0-9_.]+}/video/:postId", (c) => {
    const post = sandbox.store.posts.get(c.req.param("postId"));
    const creator = sandbox.store.creators.get(c.req.param("handle").slice(1));
    if (post === undefined || creator === undefined || post.username !== creator.username) {
      return notFoundPage(c);
    }
    return postPage(c, creator, Posts.current(sandbox, post));
  });
  app.notFound((c) => notFoundPage(c));
}

function postPage(c: HttpContext, creator: Creator, post: Post) {
  const isPublic = post.visibility === "public";
  return page(c, {
    title: `${creator.nickname}: ${post.title || "video"}`,
    body: html`${topBar(html`<a href="/">All posts</a>`)}
      <main class="page watch">
        <video controls preload="metadata" src="/media/${post.postId}"></video>
        <div class="card" style="display: grid; gap: 14px; align-content: start">
          ${who(creator)}
          <p class="caption" style="font-size: 17px">${post.title || "No caption"}</p>
          <div class="chips">
            ${chip(post.privacyLevel, isPublic ? "good" : "")}
            ${post.isAigc ? chip("AI-generated") : ""}
            ${post.isBranded ? chip("Paid partnership") : ""}
          </div>
          ${
            isPublic
              ? ""
              : html`<p class="note">
                  ${
                    post.visibility === "moderating"
                      ? "Still in moderation: others cannot see it yet."
                      : "Not public: on TikTok only those it was posted for see it."
                  }
                </p>`
          }
          <dl>
            <dt>Posted</dt>
            <dd>${new Date(post.createdAtMs).toISOString()}</dd>
            <dt>Size</dt>
            <dd>${bytesText(post.bytes)} (${post.bytes} bytes)</dd>
            <dt>Type</dt>
            <dd>${post.contentType}</dd>
            <dt>Post id</dt>
            <dd><code>${post.postId}</code></dd>
            <dt>publish_id</dt>
            <dd><code>${post.publishId}</code></dd>
            <dt>SHA-256</dt>
            <dd><code>${post.sha256}</code></dd>
          </dl>
        </div>
      </main>`,
  });
}

function profilePage(sandbox: Sandbox, c: HttpContext, creator: Creator) {
  const posts = Posts.all(sandbox).filter(
    (post) => post.username === creator.username && post.visibility === "public",
  );
  return page(c, {
    title: `${creator.nickname} (@${creator.username})`,
    body: html`${topBar(html`<a href="/">All posts</a>`)}
      <main class="page">
        <section>
          ${who(creator)}
          <p class="dim" style="margin-top: 10px">${creator.bio}</p>
        </section>
        <section class="grid">
          ${posts.map(
            (post) => html`<a class="card post" href="/@${creator.username}/video/${post.postId}"
              ><video preload="metadata" muted src="/media/${post.postId}"></video>
              <div class="text">${post.title || "No caption"}</div></a
            >`,
          )}
        </section>
        ${posts.length === 0 ? html`<p class="empty">No public videos</p>` : ""}
      </main>`,
  });
}

function notFoundPage(c: HttpContext) {
  return page(c, {
    title: "Not found",
    status: 404,
    body: html`${topBar("")}
      <main class="page"><p class="empty" style="margin-top: 40px">Couldn’t find this page.</p></main>`,
  });
}

async function sendVideo(sandbox: Sandbox, c: HttpContext, post: Post) {
  const task = sandbox.store.tasks.get(post.publishId);
  const path = task === undefined ? null : videoPath(sandbox, task);
  const file = path === null ? null : await stat(path).catch(() => null);
  if (path === null || file === null) return c.notFound();
  const range = parseRange(c.req.header("range"), file.size);
  if (range === "unsatisfiable") {
    return c.body(null, 416, { "content-range": `bytes */${file.size}` });
  }
  const { first, last } = range ?? { first: 0, last: file.size - 1 };
  const { outgoing } = c.env;
  outgoing.writeHead(range === null ? 200 : 206, {
    "content-type": post.contentType,
    "content-length": last - first + 1,
    "accept-ranges": "bytes",
    etag: `"${post.sha256}"`,
    ...(range === null ? {} : { "content-range": `bytes ${first}-${last}/${file.size}` }),
  });
  if (c.req.method === "HEAD") outgoing.end();
  // A viewer who leaves in the middle is no error.
  else pipeline(createReadStream(path, { start: first, end: last }), outgoing).catch(() => {});
  return RESPONSE_ALREADY_SENT;
}

export function parseRange(
  header: string | undefined,
  size: number,
): { first: number; last: number } | "unsatisfiable" | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return null;
  const [, from, to] = match;
  const first = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  return first >= size || first > last ? "unsatisfiable" : { first, last };
}

/** A disc in a colour of its own with the creator's initial. */
function avatarSvg(creator: Creator): string {
  const hue =
    [...creator.username].reduce((sum, letter) => sum + letter.charCodeAt(0) * 7, 0) % 360;
  const initial = /[\p{L}\p{N}]/u.exec(creator.nickname)?.[0] ?? "?";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><defs><linearGradient id="g" x2="1" y2="1"><stop stop-color="hsl(${hue} 70% 58%)"/><stop offset="1" stop-color="hsl(${(hue + 60) % 360} 70% 42%)"/></linearGradient></defs><rect width="100" height="100" fill="url(#g)"/><text x="50" y="67" font-family="system-ui,sans-serif" font-size="48" font-weight="700" text-anchor="middle" fill="#fff">${initial.toUpperCase()}</text></svg>`;
}
