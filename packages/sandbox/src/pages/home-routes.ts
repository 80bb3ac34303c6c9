// The home page and the forms on it. Each form does what a call of the control API does, then leads back to
// the page; what a form got wrong is shown in plain words.

import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import { z } from "zod";
import type { Sandbox } from "../context.ts";
import { deliver, setKnobs } from "../control.ts";
import { faultRuleSchema } from "../faults.ts";
import { knobsSchema } from "../knobs.ts";
import { disconnect, removalReasons } from "../oauth/revoke.ts";
import * as Posts from "../posts.ts";
import * as Tasks from "../tasks.ts";
import { homePage } from "./home.ts";
import { page, topBar } from "./layout.ts";
import { liveScript } from "./style.ts";

type Env = { Bindings: HttpBindings };

const knobFormSchema = z.object({ name: knobsSchema.keyof(), value: z.string() });
const faultFormSchema = z.object({
  operation: z.string(),
  kind: z.string(),
  nth: z.coerce.number(),
  times: z.string(),
  value: z.string(),
  code: z.string(),
});

export function addHome(app: Hono<Env>, sandbox: Sandbox): void {
  app.get("/", (c) => page(c, { title: "TikTok sandbox", body: homePage(sandbox), isLive: true }));
  app.get("/sandbox/live.js", (c) =>
    c.body(liveScript, 200, { "content-type": "text/javascript; charset=utf-8" }),
  );
  app.route("/sandbox/ui", createForms(sandbox));
}

function createForms(sandbox: Sandbox): Hono<Env> {
  const forms = new Hono<Env>();
  forms.post("/knob", async (c) => {
    const { name, value } = knobFormSchema.parse(await c.req.parseBody());
    setKnobs(sandbox, { [name]: readKnob(value, Array.isArray(sandbox.knobs[name])) });
    return c.redirect("/#knobs", 303);
  });
  forms.post("/fault", async (c) => {
    sandbox.faults.add(readFault(faultFormSchema.parse(await c.req.parseBody())));
    return c.redirect("/#faults", 303);
  });
  forms.post("/clear-faults", (c) => {
    sandbox.faults.clear();
    return c.redirect("/#faults", 303);
  });
  forms.post("/deliver", async (c) => {
    const { publishId } = z.object({ publishId: z.string() }).parse(await c.req.parseBody());
    const task = Tasks.current(sandbox, publishId);
    if (task !== undefined) deliver(sandbox, task, { title: "" });
    return c.redirect("/#tasks", 303);
  });
  forms.post("/hide", async (c) => {
    const { postId } = z.object({ postId: z.string() }).parse(await c.req.parseBody());
    const post = sandbox.store.posts.get(postId);
    if (post !== undefined) Posts.hide(sandbox, Posts.current(sandbox, post));
    return c.redirect("/#posts", 303);
  });
  forms.post("/disconnect", async (c) => {
    const form = z.object({ creator: z.string(), clientKey: z.string() });
    const { creator, clientKey } = form.parse(await c.req.parseBody());
    disconnect(sandbox, { clientKey, username: creator, reason: removalReasons.userDisconnected });
    return c.redirect("/#creators", 303);
  });
  forms.onError((error, c) => {
    if (error instanceof z.ZodError) return mistake(c, z.prettifyError(error));
    throw error;
  });
  return forms;
}

/** "null", numbers and booleans as JSON; anything else is text; lists are separated by commas. */
function readKnob(text: string, isList: boolean): unknown {
  if (isList) {
    return text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  }
  return /^(null|true|false|\d+)$/.test(text) ? JSON.parse(text) : text;
}

function readFault(form: z.infer<typeof faultFormSchema>) {
  const { operation, kind, nth, value, code } = form;
  const times = form.times === "" ? null : Number(form.times);
  const base = { operation, kind, nth, times };
  switch (kind) {
    case "status": {
      const rule = { ...base, status: Number(value) };
      return faultRuleSchema.parse(code === "" ? rule : { ...rule, code });
    }
    case "delay":
      return faultRuleSchema.parse({ ...base, delayMs: Number(value) });
    case "drop-mid":
      return faultRuleSchema.parse({ ...base, afterBytes: Number(value) });
    case "fail":
      return faultRuleSchema.parse({ ...base, failReason: value });
    default:
      return faultRuleSchema.parse(base);
  }
}

function mistake(c: Context, text: string) {
  return page(c, {
    title: "Not accepted",
    status: 400,
    body: html`${topBar("")}
      <main class="page">
        <p class="card" style="margin-top: 40px; white-space: pre-wrap">${text}</p>
        <p style="margin-top: 16px"><a href="/">Back</a></p>
      </main>`,
  });
}
