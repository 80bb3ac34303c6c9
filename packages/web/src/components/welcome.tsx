/** What somebody sees who is not signed in: what this is, and the one button. */
import type { Client } from "@clipcast/client";
import { strings } from "../strings.ts";
import { Notice } from "./notice.tsx";

export function Welcome({
  client,
  hasExpired,
}: {
  client: Pick<Client, "api">;
  hasExpired: boolean;
}) {
  const { welcome } = strings;
  return (
    <main className="welcome">
      {hasExpired && <Notice tone="warning">{welcome.expired}</Notice>}
      <h1>{welcome.title}</h1>
      <p className="welcome-lead">{welcome.lead}</p>
      {/* A link and not a form: it leads to TikTok by a redirect, which the page's policy forbids to forms. */}
      <a
        className="button button-primary button-large"
        href={client.api.loginUrl({ returnTo: location.pathname })}
      >
        {welcome.connect}
      </a>
      <p className="welcome-promise">{welcome.promise}</p>
      <ol className="steps">
        {welcome.steps.map((step, index) => (
          <li key={step.title}>
            <span className="step-number" aria-hidden="true">
              {index + 1}
            </span>
            <h2>{step.title}</h2>
            <p>{step.text}</p>
          </li>
        ))}
      </ol>
    </main>
  );
}
