/** A text with `{name}` gaps, each filled with a link or a value, so that translations may move them. */
import { Fragment, type ReactNode } from "react";

export function Sentence({ text, parts }: { text: string; parts: Record<string, ReactNode> }) {
  return text.split(/\{(\w+)\}/).map((piece, index) => (
    // Every second piece is the name of a gap; the order of a text never changes while it is shown.
    // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other identity.
    <Fragment key={index}>{index % 2 === 1 ? parts[piece] : piece}</Fragment>
  ));
}

export function OutsideLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}
