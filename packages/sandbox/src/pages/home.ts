// The sandbox's home page: what was posted, what is under way, who is connected, and everything that can
// be turned. Forms go to home-routes.ts.

import { html } from "hono/html";
import type { Sandbox } from "../context.ts";
import * as Posts from "../posts.ts";
import type { Creator, Post, Task } from "../state.ts";
import { grantId } from "../store.ts";
import { switchSections } from "./home-switches.ts";
import { bytesText, chip, creatorOf, type Html, timeText, topBar, who } from "./layout.ts";

const postsMax = 60;
const tasksMax = 60;
const entriesMax = 150;

export function homePage(sandbox: Sandbox): Html {
  const posts = Posts.all(sandbox).sort((a, b) => b.createdAtMs - a.createdAtMs);
  const tasks = sandbox.store.tasks.all().sort((a, b) => b.createdAtMs - a.createdAtMs);
  const entries = sandbox.log.entries().reverse();
  const links = ["posts", "tasks", "creators", "log", "apps", "webhooks", "faults", "knobs"];
  return html`${topBar(links.map((id) => html`<a href="#${id}">${id}</a>`))}
    <main class="page">
      <div class="stats" id="stats" data-live>${statCards(sandbox, posts, tasks)}</div>
      <section id="posts-section">
        <h2 id="posts">Posts</h2>
        <p class="dim">Every video that arrived complete, with the digest of its bytes.</p>
        <div id="posts-list" data-live>
          ${
            posts.length === 0
              ? html`<p class="empty">Nothing posted yet. Connect an app and post a video: it plays here.</p>`
              : html`<div class="grid">
                  ${posts.slice(0, postsMax).map((post) => postCard(sandbox, post))}
                </div>`
          }
        </div>
      </section>
      <section>
        <h2 id="tasks">Tasks</h2>
        <p class="dim">One row per <code>publish_id</code>, newest first. A draft waits here for its creator.</p>
        <div id="tasks-list" data-live>${taskTable(tasks.slice(0, tasksMax))}</div>
      </section>
      <section>
        <h2 id="creators">Creators</h2>
        <p class="dim">Accounts to log in with, and the apps they are connected to.</p>
        <div id="creators-list" class="grid" data-live>
          ${sandbox.store.creators.all().map((creator) => creatorCard(sandbox, creator))}
        </div>
      </section>
      <section>
        <h2 id="log">Request log</h2>
        <p class="dim">Every call, newest first; a refusal names the rule that it breaks.</p>
        <div id="log-list" data-live>${logTable(entries.slice(0, entriesMax))}</div>
      </section>
      ${switchSections(sandbox)}
    </main>`;
}

function statCards(sandbox: Sandbox, posts: Post[], tasks: Task[]): Html {
  const bytes = posts.reduce((sum, post) => sum + post.bytes, 0);
  const refused = sandbox.log.entries().filter((entry) => entry.rule !== null).length;
  const open = tasks.filter((task) => task.status.startsWith("PROCESSING")).length;
  const drafts = tasks.filter((task) => task.status === "SEND_TO_USER_INBOX").length;
  const stats: [string | number, string][] = [
    [posts.length, "posts"],
    [bytesText(bytes), "received and verified"],
    [open, "in progress"],
    [drafts, "drafts in inboxes"],
    [refused, "refusals logged"],
  ];
  return html`${stats.map(
    ([value, label]) => html`<div class="card stat"><b>${value}</b><span>${label}</span></div>`,
  )}`;
}

function postCard(sandbox: Sandbox, post: Post): Html {
  const creator = creatorOf(sandbox, post.username);
  const tones = { public: "good", moderating: "wait", restricted: "" } as const;
  return html`<article class="card post">
    <video controls preload="metadata" src="/media/${post.postId}"></video>
    <div class="text">
      ${creator === undefined ? "" : who(creator)}
      <p class="caption">${post.title || "No caption"}</p>
      <div class="chips">
        ${chip(post.visibility, tones[post.visibility])} ${chip(post.privacyLevel)}
        ${post.isAigc ? chip("AI-generated") : ""} ${post.isBranded ? chip("Paid partnership") : ""}
      </div>
      <dl>
        <dt>Size</dt>
        <dd>${bytesText(post.bytes)}, ${timeText(post.createdAtMs)} UTC</dd>
        <dt>publish_id</dt>
        <dd><code>${post.publishId}</code></dd>
        <dt>SHA-256</dt>
        <dd><code>${post.sha256}</code></dd>
      </dl>
      <div class="chips">
        <a href="/@${post.username}/video/${post.postId}">Open post</a>
        ${
          post.visibility === "restricted"
            ? ""
            : html`<form method="post" action="/sandbox/ui/hide">
                <input type="hidden" name="postId" value="${post.postId}" />
                <button class="small">Make private</button>
              </form>`
        }
      </div>
    </div>
  </article>`;
}

function taskTable(tasks: Task[]): Html {
  if (tasks.length === 0) return html`<p class="empty">No task yet.</p>`;
  return html`<div class="scroll tall">
    <table>
      <thead>
        <tr><th>Started</th><th>Task</th><th>Creator</th><th>Status</th><th style="width: 26%">Bytes</th></tr>
      </thead>
      <tbody>
        ${tasks.map(taskRow)}
      </tbody>
    </table>
  </div>`;
}

function taskRow(task: Task): Html {
  const tone =
    task.status === "FAILED" ? "bad" : task.status === "PUBLISH_COMPLETE" ? "good" : "wait";
  const isDraft = task.kind === "inbox" && task.sha256 !== null && tone !== "bad";
  const isDelivered = isDraft && !task.status.startsWith("PROCESSING");
  return html`<tr>
    <td class="num">${timeText(task.createdAtMs)}</td>
    <td>
      <code>${task.publishId}</code>
      <div class="dim">${task.post?.title || (task.kind === "inbox" ? "Inbox draft" : "No caption")}</div>
    </td>
    <td>@${task.username}</td>
    <td>
      ${chip(task.status, tone)}
      ${task.failReason === null ? "" : html`<div class="dim">${task.failReason}</div>`}
      ${
        isDelivered
          ? html`<form method="post" action="/sandbox/ui/deliver" style="margin-top: 6px">
              <input type="hidden" name="publishId" value="${task.publishId}" />
              <button class="small go">Post as the creator</button>
            </form>`
          : ""
      }
    </td>
    <td>
      <progress max="${Math.max(1, task.totalBytes)}" value="${task.uploadedBytes}"></progress>
      <div class="dim">
        ${bytesText(task.uploadedBytes)} of ${bytesText(task.totalBytes)}, chunk
        ${task.chunks.length} of ${task.chunkCount}
      </div>
    </td>
  </tr>`;
}

function creatorCard(sandbox: Sandbox, creator: Creator): Html {
  const grants = [...sandbox.apps.values()].flatMap((app) => {
    const grant = sandbox.store.grants.get(grantId(app.clientKey, creator.username));
    return grant === undefined ? [] : [{ app, grant }];
  });
  const flags: [boolean, string][] = [
    [creator.isPrivate, "private account"],
    [creator.isCommentOff, "comments off"],
    [creator.isDuetOff, "duet off"],
    [creator.isStitchOff, "stitch off"],
    [creator.maxDurationSec < 600, `videos up to ${creator.maxDurationSec} s`],
  ];
  return html`<article class="card" style="display: grid; gap: 10px; align-content: start">
    ${who(creator)}
    <p class="dim" style="font-size: 14px">${creator.bio}</p>
    <div class="chips">
      ${flags.map(([isSet, text]) => (isSet ? chip(text) : ""))}
      ${creator.isBanned ? chip("banned", "bad") : ""}
      ${creator.postsElsewhereCount > 0 ? chip(`${creator.postsElsewhereCount} posts elsewhere`, "wait") : ""}
    </div>
    ${grants.map(
      ({ app, grant }) => html`<form class="inline" method="post" action="/sandbox/ui/disconnect">
        <input type="hidden" name="creator" value="${creator.username}" />
        <input type="hidden" name="clientKey" value="${app.clientKey}" />
        <span title="${grant.scopes.join(", ")}">${chip(`connected: ${app.name}`, "good")}</span>
        <button class="small">Disconnect</button>
      </form>`,
    )}
  </article>`;
}

function logTable(entries: ReturnType<Sandbox["log"]["entries"]>): Html {
  if (entries.length === 0) return html`<p class="empty">No request yet.</p>`;
  return html`<div class="scroll tall">
    <table>
      <thead>
        <tr><th>Time</th><th>Operation</th><th>Creator</th><th>Answer</th><th>Rule or fault</th></tr>
      </thead>
      <tbody>
        ${entries.map((entry) => {
          const isFine = entry.rule === null && entry.fault === null;
          return html`<tr>
            <td class="num">${timeText(entry.atMs)}</td>
            <td>${entry.operation} <span class="dim mono">${entry.method} ${entry.path}</span></td>
            <td>${entry.creator === null ? "" : `@${entry.creator}`}</td>
            <td>
              ${chip(entry.status === null ? "no answer" : String(entry.status), isFine ? "good" : "bad")}
              <span class="mono">${entry.code}</span>
            </td>
            <td>${entry.rule ?? ""} ${entry.fault === null ? "" : chip(entry.fault, "wait")}</td>
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}
