// The frame of every page and the small pieces they share: escaping comes with `html`, so nothing a caption
// or a name contains is ever markup.

import type { Context } from "hono";
import { html, raw } from "hono/html";
import type { Sandbox } from "../context.ts";
import type { Creator } from "../state.ts";
import { style } from "./style.ts";

export type Html = ReturnType<typeof html>;

// form-action is left open: the consent form's answer redirects to the app, which Chromium would block.
const contentPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

export function page(
  c: Context,
  input: { title: string; body: Html; status?: 200 | 400 | 403 | 404; isLive?: boolean },
) {
  c.header("content-security-policy", contentPolicy);
  c.header("cache-control", "no-store");
  c.header("referrer-policy", "no-referrer");
  const script = input.isLive === true ? raw('<script src="/sandbox/live.js" defer></script>') : "";
  return c.html(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>${input.title}</title>
          <style>
            ${raw(style)}
          </style>
          ${script}
        </head>
        <body>
          ${input.body}
        </body>
      </html>`,
    input.status ?? 200,
  );
}

export function topBar(links: Html | Html[] | string): Html {
  return html`<header class="top">
    <div class="bar">
      <a class="brand" href="/" style="color: inherit; text-decoration: none"
        ><span class="mark"></span>TikTok sandbox</a
      >
      <nav aria-label="Sections">${links}</nav>
    </div>
  </header>`;
}

export function who(creator: Creator): Html {
  return html`<div class="who">
    <img src="/avatar/${creator.username}.svg" alt="" width="34" height="34" />
    <div>
      <b>${creator.nickname}</b>
      <div class="dim">@${creator.username}</div>
    </div>
  </div>`;
}

export function chip(text: string, tone: "" | "good" | "bad" | "wait" = ""): Html {
  return html`<span class="chip ${tone}">${text}</span>`;
}

export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = bytes < 1 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}

export function timeText(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 19);
}

export function creatorOf(sandbox: Sandbox, username: string): Creator | undefined {
  return sandbox.store.creators.get(username);
}
