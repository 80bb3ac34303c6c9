// The control API: JSON over HTTP under /sandbox/api, for tests and tools. It reads what TikTok would never
// tell and does what only a creator or an administrator could. Errors are {"error": "…"} with 400 or 404.

import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { z } from "zod";
import { appSchema, type Sandbox } from "./context.ts";
import { faultRuleSchema } from "./faults.ts";
import { openId } from "./ids.ts";
import { applyKnobs, type Knobs, knobsSchema } from "./knobs.ts";
import { disconnect, removalReasons } from "./oauth/revoke.ts";
import * as Posts from "./posts.ts";
import { creatorSchema, type Post, privacyLevelSchema, type Task } from "./state.ts";
import * as Tasks from "./tasks.ts";

const draftSchema = z.strictObject({
  title: z.string().max(2200).default(""),
  privacyLevel: privacyLevelSchema.optional(),
});
const disconnectSchema = z.strictObject({
  creator: z.string(),
  clientKey: z.string().optional(),
  reason: z.literal(Object.values(removalReasons)).default(removalReasons.userDisconnected),
});
const requestsQuerySchema = z.object({
  operation: z.string().optional(),
  publishId: z.string().optional(),
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(2000).default(200),
});
const creatorPatchSchema = creatorSchema.partial().required({ username: true });
const recordSchema = z.record(z.string(), z.unknown());
const appPatchSchema = appSchema.partial().omit({ clientKey: true });

type Env = { Bindings: HttpBindings };

export function createControl(sandbox: Sandbox): Hono<Env> {
  const app = new Hono<Env>();
  app.get("/health", (c) =>
    c.json({ status: "ok", url: sandbox.url, nowMs: sandbox.clock.nowMs() }),
  );
  addRecords(app, sandbox);
  addSwitches(app, sandbox);
  addActs(app, sandbox);
  app.onError((error, c) => {
    if (error instanceof z.ZodError) return c.json({ error: z.prettifyError(error) }, 400);
    if (error instanceof SyntaxError) return c.json({ error: "the body is not JSON" }, 400);
    throw error;
  });
  app.notFound((c) => notFound(c, "path"));
  return app;
}

function addRecords(app: Hono<Env>, sandbox: Sandbox): void {
  app.get("/posts", (c) =>
    c.json({ posts: Posts.all(sandbox).map((post) => describePost(sandbox, post)) }),
  );
  app.get("/tasks", (c) =>
    c.json({
      tasks: sandbox.store.tasks
        .all()
        .map((task) => describeTask(sandbox, Tasks.current(sandbox, task.publishId) ?? task)),
    }),
  );
  app.get("/tasks/:publishId", (c) => {
    const task = Tasks.current(sandbox, c.req.param("publishId"));
    return task === undefined ? notFound(c, "task") : c.json(describeTask(sandbox, task));
  });
  app.get("/creators", (c) => c.json({ creators: sandbox.store.creators.all() }));
  app.get("/webhooks", (c) => c.json({ webhooks: sandbox.store.hooks.all() }));
  app.get("/requests", (c) => {
    const query = requestsQuerySchema.parse(c.req.query());
    const requests = sandbox.log
      .entries()
      .filter((entry) => entry.number > query.after)
      .filter((entry) => query.operation === undefined || entry.operation === query.operation)
      .filter((entry) => query.publishId === undefined || entry.publishId === query.publishId);
    return c.json({ requests: requests.slice(-query.limit) });
  });
  app.delete("/requests", (c) => {
    sandbox.log.clear();
    return c.body(null, 204);
  });
}

function addSwitches(app: Hono<Env>, sandbox: Sandbox): void {
  app.get("/knobs", (c) => c.json({ knobs: sandbox.knobs, schema: z.toJSONSchema(knobsSchema) }));
  app.patch("/knobs", async (c) => {
    setKnobs(sandbox, await c.req.json());
    return c.json({ knobs: sandbox.knobs });
  });
  app.get("/faults", (c) => c.json({ faults: sandbox.faults.all() }));
  app.post("/faults", async (c) =>
    c.json(sandbox.faults.add(faultRuleSchema.parse(await c.req.json())), 201),
  );
  app.delete("/faults", (c) => {
    sandbox.faults.clear();
    return c.body(null, 204);
  });
  app.delete("/faults/:id", (c) =>
    sandbox.faults.remove(c.req.param("id")) ? c.body(null, 204) : notFound(c, "fault"),
  );
  app.get("/apps", (c) =>
    c.json({ apps: [...sandbox.apps.values()].map(({ clientSecret: _, ...shown }) => shown) }),
  );
  app.patch("/apps/:clientKey", async (c) => {
    const known = sandbox.apps.get(c.req.param("clientKey"));
    if (known === undefined) return notFound(c, "app");
    const changed = appSchema.parse({ ...known, ...appPatchSchema.parse(await c.req.json()) });
    sandbox.apps.set(known.clientKey, changed);
    const { clientSecret: _, ...shown } = changed;
    return c.json(shown);
  });
}

function addActs(app: Hono<Env>, sandbox: Sandbox): void {
  app.post("/creators", async (c) => {
    const patch = creatorPatchSchema.parse(await c.req.json());
    const known = sandbox.store.creators.get(patch.username);
    const creator = creatorSchema.parse({ nickname: patch.username, ...known, ...patch });
    sandbox.store.creators.put(creator);
    return c.json(creator, known === undefined ? 201 : 200);
  });
  app.post("/tasks/:publishId/deliver", async (c) => {
    const task = Tasks.current(sandbox, c.req.param("publishId"));
    if (task === undefined) return notFound(c, "task");
    const text = await c.req.text();
    const draft = draftSchema.parse(text === "" ? {} : JSON.parse(text));
    const done = deliver(sandbox, task, draft);
    if (done === null)
      return c.json({ error: `a task in ${task.status} is no delivered draft` }, 400);
    return c.json({ publishId: task.publishId, postId: done.postId, status: done.task.status });
  });
  app.post("/posts/:postId/hide", (c) => {
    const post = sandbox.store.posts.get(c.req.param("postId"));
    if (post === undefined) return notFound(c, "post");
    return c.json(describePost(sandbox, Posts.hide(sandbox, Posts.current(sandbox, post))));
  });
  app.post("/disconnect", async (c) => {
    const { creator, clientKey, reason } = disconnectSchema.parse(await c.req.json());
    const ended = [...sandbox.apps.keys()]
      .filter((key) => clientKey === undefined || key === clientKey)
      .filter((key) => disconnect(sandbox, { clientKey: key, username: creator, reason }));
    return ended.length === 0 ? notFound(c, "connection") : c.json({ disconnected: ended });
  });
}

export function setKnobs(sandbox: Sandbox, change: unknown): Knobs {
  sandbox.knobs = applyKnobs(sandbox.knobs, change);
  // Only what was set is remembered: a knob left alone follows its default.
  const earlier = recordSchema.parse(sandbox.store.settings.get("knobs")?.value ?? {});
  const value = { ...earlier, ...recordSchema.parse(change) };
  sandbox.store.settings.put({ name: "knobs", value });
  // A changed lifetime or rule may have made tasks due, or no longer due.
  Tasks.resume(sandbox);
  return sandbox.knobs;
}

export function deliver(
  sandbox: Sandbox,
  task: Task,
  draft: z.infer<typeof draftSchema>,
): ReturnType<typeof Tasks.creatorPosts> {
  const isPrivate = sandbox.store.creators.get(task.username)?.isPrivate === true;
  const privacyLevel = draft.privacyLevel ?? (isPrivate ? "SELF_ONLY" : "PUBLIC_TO_EVERYONE");
  return Tasks.creatorPosts(sandbox, task, { title: draft.title, privacyLevel });
}

export function playableUrl(sandbox: Sandbox, post: Post): string {
  return `${sandbox.url}/@${post.username}/video/${post.postId}`;
}

export function describePost(sandbox: Sandbox, post: Post) {
  const { username, clientKey, ...shown } = post;
  return {
    ...shown,
    creator: username,
    clientKey,
    openId: openId(clientKey, username),
    url: playableUrl(sandbox, post),
    videoUrl: `${sandbox.url}/media/${post.postId}`,
  };
}

export function describeTask(sandbox: Sandbox, task: Task) {
  const { uploadTokenHash: _, username, ...shown } = task;
  const posts = Posts.all(sandbox).filter((post) => post.publishId === task.publishId);
  return { ...shown, creator: username, posts: posts.map((post) => describePost(sandbox, post)) };
}

function notFound(c: Context, what: string) {
  return c.json({ error: `no such ${what}` }, 404);
}
