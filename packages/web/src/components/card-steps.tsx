/** The way of a video in three steps, storage, TikTok, TikTok's processing: what is done, what moves, what is to come. */
import { useId } from "react";
import { formatBytes, formatPercent, formatSpeed, formatWait } from "../model/format.ts";
import type { Pace } from "../model/pace.ts";
import type { CardStep } from "../state/card.ts";
import { strings } from "../strings.ts";
import { Icon } from "./icon.tsx";

export function CardSteps({ steps }: { steps: readonly CardStep[] }) {
  return (
    <ol className="card-steps">
      {steps.map((step) => (
        <Step key={step.name} step={step} />
      ))}
    </ol>
  );
}

function Step({ step }: { step: CardStep }) {
  const { name, state, doneBytes, totalBytes, pace } = step;
  const id = useId();
  const isCurrent = state === "current";
  // Before the first byte there is nothing to measure; it only waits.
  const isWaiting = name === "tiktok" && doneBytes === 0;
  const percent = isWaiting || totalBytes === null ? null : formatPercent(doneBytes, totalBytes);
  return (
    <li className={`card-step card-step-${state}`} aria-current={isCurrent ? "step" : undefined}>
      <span className="card-step-mark">{state === "done" && <Icon name="check" />}</span>
      <p className="card-step-head">
        <span id={id}>{labelOf(step)}</span>
        <span className="visually-hidden">{`, ${strings.stepState[state]}`}</span>
        {isCurrent && percent !== null && (
          <span className="card-step-percent">{strings.activity.percent(percent)}</span>
        )}
        {state === "done" && totalBytes !== null && <small>{formatBytes(totalBytes)}</small>}
      </p>
      {isCurrent && !isWaiting && (
        <div className="card-step-body">
          {totalBytes === null ? (
            <progress aria-labelledby={id} />
          ) : (
            <progress value={doneBytes} max={Math.max(1, totalBytes)} aria-labelledby={id} />
          )}
          {totalBytes !== null && doneBytes > 0 && (
            <p className="card-step-note">
              <span>
                {strings.activity.stored(formatBytes(doneBytes), formatBytes(totalBytes))}
              </span>
              {pace !== null && <span>{sentenceOfPace(pace)}</span>}
            </p>
          )}
        </div>
      )}
    </li>
  );
}

function labelOf({ name, state }: CardStep): string {
  if (name === "processing") return strings.step.processing;
  return strings.step[state === "done" ? (`${name}Done` as const) : name];
}

function sentenceOfPace({ bytesPerSecond, secondsLeft }: Pace): string {
  const speed = formatSpeed(bytesPerSecond);
  if (secondsLeft === null) return speed;
  return `${speed} · ${strings.activity.left(formatWait(secondsLeft))}`;
}
