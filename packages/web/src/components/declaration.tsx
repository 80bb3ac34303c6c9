/** What the creator agrees to by posting, in TikTok's words, with the links it prescribes. */
import { type Disclosure, declarationOf } from "../model/disclosure.ts";
import { links } from "../strings/post.ts";
import { strings } from "../strings.ts";
import { OutsideLink, Sentence } from "./sentence.tsx";

export function Declaration({ disclosure }: { disclosure: Disclosure }) {
  const { declaration } = strings;
  return (
    <p className="declaration">
      <Sentence
        text={declaration[declarationOf(disclosure)]}
        parts={{
          music: <OutsideLink href={links.music}>{declaration.musicLink}</OutsideLink>,
          branded: <OutsideLink href={links.branded}>{declaration.brandedLink}</OutsideLink>,
        }}
      />
    </p>
  );
}
