/**
 * The one thing to do next about a publication, and cancelling it. The first button stays the same element while its
 * word changes, so that the keyboard stays on it.
 */
import type { PublicationView } from "@clipcast/client";
import { useState } from "react";
import { sentenceOfError } from "../model/sentence.ts";
import type { Activity } from "../state/activity.ts";
import type { Card, CardAction } from "../state/card.ts";
import { strings } from "../strings.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { ResumePicker } from "./resume-picker.tsx";
import { SignInLink } from "./sign-in-link.tsx";

export function CardActions(props: {
  card: Card;
  view: PublicationView;
  title: string;
  activity: Activity;
  signInUrl: string;
}) {
  const { card, view, title, activity, signInUrl } = props;
  const [isAsking, setIsAsking] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  if (card.action === null && !card.canCancel && failure === null) return null;

  const run = async (work: () => Promise<string | null>, prefix = "") => {
    setIsBusy(true);
    setFailure(null);
    try {
      setFailure(await work());
    } catch (error) {
      setFailure(`${prefix}${sentenceOfError(error)}`);
    } finally {
      setIsBusy(false);
    }
  };
  const act = (action: CardAction) => void (isBusy || run(() => perform(action, view, activity)));
  const name = (label: string) => strings.activity.to(label, title);
  return (
    <div className="card-actions">
      <Action {...{ card, view, activity, signInUrl, name, isBusy, act, run }} />
      {card.canCancel && (
        <button
          type="button"
          className="button button-quiet button-small"
          aria-label={name(strings.action.cancel)}
          onClick={() => setIsAsking(true)}
        >
          {strings.action.cancel}
        </button>
      )}
      {card.action === "retry" && <span className="field-hint">{strings.message.retry}</span>}
      {failure !== null && (
        <p className="field-error" role="alert">
          {failure}
        </p>
      )}
      {isAsking && (
        <ConfirmDialog
          title={strings.activity.cancelTitle}
          text={strings.activity.cancelText}
          confirm={strings.activity.cancelYes}
          keep={strings.activity.cancelKeep}
          onConfirm={() =>
            void run(
              () => activity.cancel(view.id).then(() => null),
              `${strings.activity.cancelFailed} `,
            )
          }
          onClose={() => setIsAsking(false)}
        />
      )}
    </div>
  );
}

function Action(props: {
  card: Card;
  view: PublicationView;
  activity: Activity;
  signInUrl: string;
  name: (label: string) => string;
  isBusy: boolean;
  act: (action: CardAction) => void;
  run: (work: () => Promise<string | null>) => Promise<void>;
}) {
  const { card, view, activity, name, isBusy, act, run } = props;
  const { action } = card;
  if (action === null) return null;
  const label = strings.action[action];
  if (action === "sign_in") return <SignInLink url={props.signInUrl} name={name(label)} />;
  if (action === "choose") {
    return (
      <ResumePicker
        name={name(label)}
        onChoose={(chosen) =>
          void run(async () => sentenceOfAnswer(await activity.takeUp(view, chosen)))
        }
        onFailure={(error) => void run(() => Promise.reject(error))}
      />
    );
  }
  return (
    <button
      type="button"
      className={action === "go_on" ? "button button-primary button-small" : "button button-small"}
      aria-label={name(label)}
      aria-disabled={isBusy}
      onClick={() => act(action)}
    >
      {label}
    </button>
  );
}

/** Answers what went wrong in a sentence, or null. */
async function perform(
  action: CardAction,
  view: PublicationView,
  activity: Activity,
): Promise<string | null> {
  switch (action) {
    case "pause":
    case "resume":
      activity[action](view.id);
      return null;
    case "try_again":
      activity.tryAgain(view.id);
      return null;
    case "retry":
      await activity.retry(view.id);
      return null;
    case "go_on":
      return sentenceOfAnswer(await activity.goOn(view));
    // Both have a control of their own.
    case "choose":
    case "sign_in":
      return null;
  }
}

function sentenceOfAnswer(answer: Awaited<ReturnType<Activity["takeUp"]>>): string | null {
  return answer === "taken" ? null : strings.activity[answer];
}
