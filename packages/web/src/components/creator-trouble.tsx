/** While creator info is on its way, and when there is none: then there is no form, since nothing may be posted. */
import type { Client } from "@clipcast/client";
import { sentenceOfError } from "../model/sentence.ts";
import type { CreatorState } from "../state/creator.ts";
import { strings } from "../strings.ts";
import { Notice } from "./notice.tsx";
import { Skeleton } from "./skeleton.tsx";

export function CreatorTrouble(props: {
  state: Exclude<CreatorState, { type: "ready" }>;
  client: Client;
  onRetry: () => void;
}) {
  const { state, client, onRetry } = props;
  const retry = (
    <button type="button" className="button button-small" onClick={onRetry}>
      {strings.tryAgain}
    </button>
  );
  switch (state.type) {
    case "loading":
      return <Skeleton label={strings.creator.loading} rows={4} />;
    case "refused":
      return (
        <Notice tone="warning" action={retry}>
          <strong>{strings.creator.refused}</strong> {state.error.detail}
        </Notice>
      );
    case "reconnect":
      return (
        <Notice
          tone="warning"
          action={
            <a
              className="button button-small"
              href={client.api.loginUrl({ returnTo: "/", add: true })}
            >
              {strings.accounts.reconnect}
            </a>
          }
        >
          {state.error.detail}
        </Notice>
      );
    case "failed":
      return (
        <Notice tone="error" action={retry}>
          {strings.creator.failed} {sentenceOfError(state.error)}
        </Notice>
      );
  }
}
