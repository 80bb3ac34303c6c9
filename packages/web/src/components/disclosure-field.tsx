/**
 * Disclosure of commercial content: a toggle that is off, then two choices that are unticked, then what TikTok
 * will call the video. Prompts show only after a choice.
 */
import { useId } from "react";
import { type Disclosure, labelOf, noDisclosure } from "../model/disclosure.ts";
import type { Draft } from "../model/draft.ts";
import { isBrandedExcluded } from "../model/privacy.ts";
import { strings } from "../strings.ts";
import { Notice } from "./notice.tsx";
import { Switch } from "./switch.tsx";

export function DisclosureField(props: {
  draft: Draft;
  onChange: (disclosure: Disclosure) => void;
}) {
  const { draft, onChange } = props;
  const { disclosure } = draft;
  const text = strings.disclosure;
  const label = labelOf(disclosure);
  return (
    <div className="field disclosure">
      <Switch
        name={text.toggle}
        hint={text.toggleHint}
        isOn={disclosure.isOn}
        onChange={(isOn) => onChange({ ...noDisclosure, isOn })}
      />
      {disclosure.isOn && <Choices {...props} />}
      {label !== null && (
        <Notice tone="info">{text[label === "paid" ? "paid" : "promotional"]}</Notice>
      )}
    </div>
  );
}

function Choices(props: { draft: Draft; onChange: (disclosure: Disclosure) => void }) {
  const { draft, onChange } = props;
  const { disclosure, privacyLevel } = draft;
  const text = strings.disclosure;
  const id = useId();
  const isExcluded = isBrandedExcluded(privacyLevel);
  return (
    <div className="choices">
      <label className="check check-tall">
        <input
          type="checkbox"
          checked={disclosure.yourBrand}
          aria-label={text.yourBrand}
          aria-describedby={`${id}-own`}
          onChange={(event) => onChange({ ...disclosure, yourBrand: event.target.checked })}
        />
        <span>
          {text.yourBrand}
          <small id={`${id}-own`}>{text.yourBrandHint}</small>
        </span>
      </label>
      <label className="check check-tall" title={isExcluded ? text.brandedExcluded : undefined}>
        <input
          type="checkbox"
          checked={disclosure.brandedContent}
          disabled={isExcluded}
          aria-label={text.branded}
          aria-describedby={`${id}-branded`}
          onChange={(event) => onChange({ ...disclosure, brandedContent: event.target.checked })}
        />
        <span>
          {text.branded}
          <small id={`${id}-branded`}>{isExcluded ? text.brandedExcluded : text.brandedHint}</small>
        </span>
      </label>
    </div>
  );
}
