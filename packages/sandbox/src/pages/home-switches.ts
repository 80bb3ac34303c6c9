// The lower half of the home page: apps, webhook deliveries, faults and knobs. The knob controls are drawn
// from the knobs' own JSON schema, so a new knob needs no page work.

import { html } from "hono/html";
import { z } from "zod";
import { isAudited, type Sandbox } from "../context.ts";
import { operations } from "../faults.ts";
import { defaultKnobs, knobsSchema } from "../knobs.ts";
import { chip, type Html, timeText } from "./layout.ts";

const hooksMax = 60;
const faultKinds = [
  "status",
  "drop-before",
  "drop-after",
  "drop-mid",
  "delay",
  "duplicate",
  "fail",
] as const;

const propertySchema = z.object({
  description: z.string().default(""),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.union([z.string(), z.number()])).optional(),
  anyOf: z.array(z.object({ type: z.string() })).optional(),
});
const schemaSchema = z.object({ properties: z.record(z.string(), z.unknown()) });

export function switchSections(sandbox: Sandbox): Html {
  return html`<section>
      <h2 id="apps">Apps</h2>
      <p class="dim">Registered with this sandbox.</p>
      ${appTable(sandbox)}
    </section>
    <section>
      <h2 id="webhooks">Webhooks</h2>
      <p class="dim">Deliveries, newest first; anything but 200 is sent again with growing delays.</p>
      <div id="webhooks-list" data-live>${hookTable(sandbox)}</div>
    </section>
    <section>
      <h2 id="faults">Faults</h2>
      <p class="dim">Make the next calls go wrong on purpose.</p>
      <div class="card" style="display: grid; gap: 14px">${faultForm()} ${faultList(sandbox)}</div>
    </section>
    <section>
      <h2 id="knobs">Knobs</h2>
      <p class="dim">What TikTok leaves undocumented. Defaults are strict; changed ones stand out.</p>
      <details class="card" ${isAnyChanged(sandbox) ? "open" : ""}>
        <summary>${knobRows(sandbox).length} knobs</summary>
        ${knobRows(sandbox)}
      </details>
    </section>`;
}

function appTable(sandbox: Sandbox): Html {
  return html`<div class="scroll">
    <table>
      <thead>
        <tr><th>App</th><th>Client key</th><th>Audit</th><th>Redirect URIs</th><th>Webhook</th></tr>
      </thead>
      <tbody>
        ${[...sandbox.apps.values()].map(
          (app) => html`<tr>
            <td>${app.name}</td>
            <td><code>${app.clientKey}</code></td>
            <td>${isAudited(sandbox, app) ? chip("audited", "good") : chip("unaudited", "wait")}</td>
            <td>
              ${app.redirectUris.map((uri) => html`<code>${uri}</code><br />`)}
              ${sandbox.knobs.anyLoopbackRedirect ? html`<span class="dim">any on localhost</span>` : ""}
            </td>
            <td><code>${app.webhookUrl ?? "none"}</code></td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function hookTable(sandbox: Sandbox): Html {
  const hooks = sandbox.store.hooks.all().reverse().slice(0, hooksMax);
  if (hooks.length === 0) return html`<p class="empty">No webhook sent yet.</p>`;
  const tones = { delivered: "good", pending: "wait", "given-up": "bad" } as const;
  return html`<div class="scroll tall">
    <table>
      <thead>
        <tr><th>Time</th><th>Event</th><th>publish_id</th><th>Outcome</th><th>Attempts</th></tr>
      </thead>
      <tbody>
        ${hooks.map(
          (hook) => html`<tr>
            <td class="num">${timeText(hook.createdAtMs)}</td>
            <td><code>${hook.event}</code></td>
            <td><code>${hook.publishId ?? ""}</code></td>
            <td>${chip(hook.outcome, tones[hook.outcome])} <span class="dim">${hook.lastStatus ?? ""}</span></td>
            <td class="num">${hook.attempts}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function faultForm(): Html {
  const options = (names: readonly string[]) =>
    names.map((name) => html`<option value="${name}">${name}</option>`);
  return html`<form class="inline" method="post" action="/sandbox/ui/fault">
    <label>Operation <select name="operation">${options(operations)}</select></label>
    <label>What goes wrong <select name="kind">${options(faultKinds)}</select></label>
    <label>From call <input name="nth" value="1" size="4" inputmode="numeric" /></label>
    <label>Times (empty: all) <input name="times" value="1" size="6" inputmode="numeric" /></label>
    <label
      >Value (status, ms, bytes or fail_reason)
      <input name="value" placeholder="503" size="18"
    /></label>
    <label>Error code <input name="code" placeholder="internal_error" size="18" /></label>
    <button class="go">Add fault</button>
  </form>`;
}

function faultList(sandbox: Sandbox): Html {
  const faults = sandbox.faults.all();
  if (faults.length === 0) return html`<p class="dim">No fault is armed.</p>`;
  return html`<div class="chips">
      ${faults.map((fault) => {
        const isSpent = fault.rule.times !== null && fault.hitCount >= fault.rule.times;
        const text = `${fault.id}: ${fault.rule.operation} ${fault.rule.kind}, hit ${fault.hitCount}`;
        return chip(text, isSpent ? "" : "wait");
      })}
    </div>
    <form method="post" action="/sandbox/ui/clear-faults">
      <button class="small">Remove all faults</button>
    </form>`;
}

function knobRows(sandbox: Sandbox): Html[] {
  const { properties } = schemaSchema.parse(z.toJSONSchema(knobsSchema));
  return knobsSchema.keyof().options.map((name) => {
    const property = propertySchema.parse(properties[name]);
    const value = sandbox.knobs[name];
    const isSet = JSON.stringify(value) !== JSON.stringify(defaultKnobs[name]);
    return html`<div class="knob ${isSet ? "set" : ""}">
      <div>
        <code>${name}</code>
        <div class="dim">${property.description}</div>
      </div>
      <form method="post" action="/sandbox/ui/knob">
        <input type="hidden" name="name" value="${name}" />
        ${knobControl(name, property, value)}
        <button class="small">Set</button>
      </form>
    </div>`;
  });
}

function knobControl(name: string, property: z.infer<typeof propertySchema>, value: unknown): Html {
  const types = property.anyOf?.map(({ type }) => type) ?? [property.type ?? []].flat();
  const choices = [
    ...(property.enum?.map(String) ?? []),
    ...(types.includes("boolean") ? ["true", "false"] : []),
    ...(types.includes("boolean") && types.includes("null") ? ["null"] : []),
  ];
  const text = Array.isArray(value) ? value.join(", ") : String(value);
  if (choices.length === 0) {
    return html`<input name="value" value="${text}" aria-label="${name}" />`;
  }
  return html`<select name="value" aria-label="${name}">
    ${choices.map(
      (choice) =>
        html`<option value="${choice}" ${choice === text ? "selected" : ""}>${choice}</option>`,
    )}
  </select>`;
}

function isAnyChanged(sandbox: Sandbox): boolean {
  return JSON.stringify(sandbox.knobs) !== JSON.stringify(defaultKnobs);
}
