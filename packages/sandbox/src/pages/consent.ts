// The consent page: who connects, and what the app may do. Non-mandatory scopes can be switched off, so
// that an app meets partial grants (fact sheet §1.1).

import { html } from "hono/html";
import type { Sandbox } from "../context.ts";
import type { AuthorizeRequest } from "../oauth/authorize.ts";
import type { Scope } from "../state.ts";
import { chip, type Html, who } from "./layout.ts";

const scopeTexts: Record<Scope, string> = {
  "user.info.basic": "Read your profile info (avatar, display name)",
  "user.info.profile": "Read access to your profile (bio, link, username)",
  "user.info.stats": "Read access to your profile engagement statistics",
  "video.list": "Read your public videos on TikTok",
  "video.upload": "Share content to your account as a draft to edit and post",
  "video.publish": "Post content to TikTok",
};

export function consentPage(
  sandbox: Sandbox,
  request: AuthorizeRequest,
  input: { session: string | null; hidden: [string, string][] },
): Html {
  const creators = sandbox.store.creators.all();
  const known = creators.some(({ username }) => username === input.session);
  const selected = known ? input.session : creators[0]?.username;
  return html`<main class="narrow">
    <form class="card consent" method="post" action="/v2/auth/consent">
      ${input.hidden.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
      <input type="hidden" name="scopes" value="user.info.basic" />
      <div>
        <div class="brand"><span class="mark"></span>TikTok sandbox</div>
        <h1 style="font-size: 24px; margin-top: 14px">Connect ${request.app.name}</h1>
        <p class="dim">Client key <code>${request.app.clientKey}</code></p>
      </div>
      <fieldset>
        <legend>Continue as</legend>
        ${creators.map(
          (creator) => html`<label class="choice">
            <input
              type="radio"
              name="creator"
              value="${creator.username}"
              ${creator.username === selected ? "checked" : ""}
            />
            ${who(creator)}
            <span class="end">${creator.isPrivate ? chip("private") : ""}
              ${creator.isBanned ? chip("banned", "bad") : ""}</span>
          </label>`,
        )}
      </fieldset>
      <fieldset>
        <legend>Allow ${request.app.name} to</legend>
        ${request.scopes.map((scope) => {
          const isMandatory = scope === "user.info.basic";
          return html`<label class="choice">
            <input
              type="checkbox"
              name="scopes"
              value="${scope}"
              checked
              ${isMandatory ? "disabled" : ""}
            />
            <span>${scopeTexts[scope]}<br /><code class="dim">${scope}</code></span>
          </label>`;
        })}
      </fieldset>
      <div class="buttons">
        <button type="submit" name="decision" value="deny">Cancel</button>
        <button type="submit" class="go" name="decision" value="allow">Continue</button>
      </div>
    </form>
  </main>`;
}
