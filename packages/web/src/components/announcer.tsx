/** Tells screen readers what changed: a new status, and each quarter of an upload. */
import { useEffect, useRef, useState } from "react";
import { createChatter } from "../model/chatter.ts";
import { formatPercent } from "../model/format.ts";
import { type Card, cardOf } from "../state/card.ts";
import type { Entry } from "../state/entries.ts";
import { strings } from "../strings.ts";

/** More at once are counted instead of named. */
const namesMax = 3;

export function Announcer({ entries }: { entries: readonly Entry[] }) {
  const [chatter] = useState(createChatter);
  const [message, setMessage] = useState("");
  const [turn, setTurn] = useState(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a turn asks again what was held back.
  useEffect(() => {
    const nowMs = Date.now();
    const said = new Map(
      entries.map((entry) => [entry.view.id, sentenceOf(entry, cardOf(entry, nowMs))]),
    );
    const { say, askAgainMs } = chatter.hear(said, nowMs);
    if (say.length > 0) setMessage(join(say));
    clearTimeout(timer.current);
    if (askAgainMs !== null) {
      timer.current = setTimeout(() => setTurn((count) => count + 1), askAgainMs);
    }
  }, [entries, chatter, turn]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <p className="visually-hidden" role="status" aria-live="polite">
      {message}
    </p>
  );
}

function sentenceOf({ view }: Entry, card: Card): string {
  const { announce } = strings;
  const [storage] = card.steps;
  if (card.status === "uploading" && storage !== undefined && storage.totalBytes !== null) {
    const percent = formatPercent(storage.doneBytes, storage.totalBytes);
    return announce.progress(view.file.name, Math.floor(percent / 25) * 25);
  }
  const change = announce.change(view.file.name, strings.status[card.status]);
  return card.message?.tone === "error" ? `${change}. ${card.message.text}` : change;
}

function join(sentences: readonly string[]): string {
  const left = sentences.length - namesMax;
  const named = sentences.slice(0, namesMax).join(". ");
  return left > 0 ? `${named}, ${strings.announce.more(left)}` : named;
}
