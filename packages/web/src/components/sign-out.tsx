/** Signing out: at once when nothing is at stake, and otherwise after asking, with what is lost and what is kept. */
import { type ReactNode, useState } from "react";
import { isAnything, type Stake, type Stakes } from "../state/stake.ts";
import { strings } from "../strings.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";

/** What the button does, and the question, which has its place outside of the menu that it closes. */
export function useSignOut(stakes: Stakes, signOut: () => void): [() => void, ReactNode] {
  const [asked, setAsked] = useState<Stake | null>(null);
  const start = () => {
    const stake = stakes.count();
    if (isAnything(stake)) setAsked(stake);
    else signOut();
  };
  const text = strings.signOut;
  const question = asked !== null && (
    <ConfirmDialog
      title={text.title}
      text={text.consequences(asked)}
      confirm={text.action}
      keep={text.stay}
      onConfirm={signOut}
      onClose={() => setAsked(null)}
    />
  );
  return [start, question];
}
