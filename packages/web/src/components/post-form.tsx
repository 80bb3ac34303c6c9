/** The post settings from top to bottom, in the order of TikTok's guidelines, and the consent under the button. */
import type { AccountView, CreatorInfoResponse } from "@clipcast/client";
import type { FormEvent } from "react";
import { noDisclosure } from "../model/disclosure.ts";
import { type Draft, gapOf } from "../model/draft.ts";
import { strings } from "../strings.ts";
import { CaptionField } from "./caption-field.tsx";
import { Declaration } from "./declaration.tsx";
import { DisclosureField } from "./disclosure-field.tsx";
import { InteractionsField } from "./interactions-field.tsx";
import { ModeField } from "./mode-field.tsx";
import { Notice } from "./notice.tsx";
import { PostButton } from "./post-button.tsx";
import { PrivacyField } from "./privacy-field.tsx";
import { ReviewNotice } from "./review-notice.tsx";
import { Sentence } from "./sentence.tsx";
import { Switch } from "./switch.tsx";
import { UseForAll } from "./use-for-all.tsx";

export type PostFormProps = {
  account: AccountView;
  creator: CreatorInfoResponse;
  draft: Draft;
  isAudited: boolean;
  /** What keeps this video from being posted, whatever the settings. */
  videoBlocker: string | null;
  videoCount: number;
  isBusy: boolean;
  /** Why the last attempt was refused. */
  refusal: string | null;
  /** To ask TikTok about the account once more. */
  onCheckAgain: () => void;
  onChange: (change: Partial<Draft>) => void;
  onUseForAll: () => void;
  onSubmit: () => void;
};

export function PostForm(props: PostFormProps) {
  const { account, creator, draft, isAudited, isBusy, refusal, onChange, onSubmit } = props;
  const { post } = strings;
  const isDirect = draft.mode === "direct";
  const blocker = props.videoBlocker ?? gapSentence(draft, creator);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (blocker === null && !isBusy) onSubmit();
  };
  return (
    <form className="post-form" onSubmit={submit} noValidate>
      <ModeField account={account} mode={draft.mode} onChange={(mode) => onChange({ mode })} />
      {isDirect && !isAudited && (
        <ReviewNotice creator={creator} onCheckAgain={props.onCheckAgain} />
      )}
      {isDirect ? <DirectFields {...props} /> : <Notice tone="info">{post.inboxText}</Notice>}
      {props.videoCount > 1 && <UseForAll {...props} />}
      <div className="post-end">
        {refusal !== null && <Notice tone="error">{refusal}</Notice>}
        {isDirect && <p className="field-hint">{post.processing}</p>}
        <Declaration disclosure={isDirect ? draft.disclosure : noDisclosure} />
        <PostButton label={labelOf(isDirect, isBusy)} blocker={blocker} isBusy={isBusy} />
        <p className="field-hint">
          <Sentence text={post.consent} parts={{ account: <strong>{creator.nickname}</strong> }} />
        </p>
      </div>
    </form>
  );
}

function DirectFields({ creator, draft, isAudited, onChange }: PostFormProps) {
  return (
    <>
      <CaptionField caption={draft.caption} onChange={(caption) => onChange({ caption })} />
      <PrivacyField
        draft={draft}
        options={creator.privacyOptions}
        isAudited={isAudited}
        onChange={(privacyLevel) => onChange({ privacyLevel })}
      />
      <InteractionsField draft={draft} creator={creator} onChange={onChange} />
      <DisclosureField draft={draft} onChange={(disclosure) => onChange({ disclosure })} />
      <div className="field">
        <Switch
          name={strings.post.ai}
          hint={strings.post.aiHint}
          isOn={draft.isAiGenerated}
          onChange={(isAiGenerated) => onChange({ isAiGenerated })}
        />
      </div>
    </>
  );
}

function labelOf(isDirect: boolean, isBusy: boolean): string {
  if (isBusy) return strings.post.submitting;
  return isDirect ? strings.post.submit : strings.post.submitInbox;
}

function gapSentence(draft: Draft, creator: CreatorInfoResponse): string | null {
  const gap = gapOf(draft, creator.privacyOptions);
  if (gap === null) return null;
  return gap === "disclosure" ? strings.disclosure.undecided : strings.gap[gap];
}
