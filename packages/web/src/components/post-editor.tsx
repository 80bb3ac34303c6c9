/**
 * A chosen video on its way to a post: preview, checks, settings, and the hand-over to the uploads. What is filled in
 * lives in the tray, so that it outlasts this form.
 */
import type { AccountView, CreatorInfoResponse } from "@clipcast/client";
import { useEffect } from "react";
import { type Draft, forAccount, settingsOf } from "../model/draft.ts";
import { sentenceOfError, sentenceOfProblem } from "../model/sentence.ts";
import { useCreator } from "../state/creator.ts";
import { draftOf, problemOf } from "../state/filling.ts";
import { isSessionOver } from "../state/session.ts";
import type { ChosenVideo } from "../state/tray.ts";
import { consentTextVersion } from "../strings/post.ts";
import { strings } from "../strings.ts";
import { CreatorCard } from "./creator-card.tsx";
import { CreatorTrouble } from "./creator-trouble.tsx";
import { Notice } from "./notice.tsx";
import { PostForm } from "./post-form.tsx";
import type { StudioProps } from "./studio.tsx";
import { VideoPreview } from "./video-preview.tsx";

export type EditorProps = StudioProps & {
  video: ChosenVideo;
  account: AccountView;
  videoCount: number;
  onCreator: (accountId: string, creator: CreatorInfoResponse) => void;
  onUseForAll: () => void;
  onBegun: () => void;
  onRemove: () => void;
};

export function PostEditor(props: EditorProps) {
  const { client, me, tray, video, account, onCreator, onSessionOver, onAccountLost } = props;
  const [state, reload] = useCreator(client, account.id, onSessionOver);
  const creator = state.type === "ready" ? state.creator : null;
  useEffect(() => {
    if (creator !== null) onCreator(account.id, creator);
  }, [creator, account.id, onCreator]);
  // From its first showing on, a video's account changes by hand alone, unless it is disconnected: then it begins anew.
  useEffect(() => {
    if (video.accountId === account.id) return;
    const draft = video.draft && draftOf(video, account);
    tray.update(video.id, { accountId: account.id, draft });
  }, [tray, video, account]);
  useEffect(() => {
    if (state.type === "reconnect" && account.state === "connected") onAccountLost();
  }, [state.type, account.state, onAccountLost]);
  const draft = draftOf(video, account);
  const change = (part: Partial<Draft>) =>
    // From the newest draft: two changes may come before the next drawing.
    tray.updateAll((now) =>
      now.id === video.id ? { ...now, draft: { ...draftOf(now, account), ...part } } : now,
    );
  const choose = (chosen: AccountView) =>
    tray.update(video.id, {
      accountId: chosen.id,
      draft: forAccount(draft, chosen),
      refusal: null,
    });
  const problem = checkOf(props, draft, creator);
  return (
    <div className="editor">
      <VideoPreview
        video={video}
        coverTimestampMs={draft.coverTimestampMs}
        isFit={problem?.isHopeless !== true}
        hasCover={draft.mode === "direct"}
        onCover={(coverTimestampMs) => change({ coverTimestampMs })}
        onRemove={props.onRemove}
      />
      <div className="editor-form">
        <CreatorCard accounts={me.accounts} account={account} creator={creator} onChoose={choose} />
        {problem !== null && <Notice tone="error">{problem.sentence}</Notice>}
        {state.type !== "ready" ? (
          <CreatorTrouble state={state} client={client} onRetry={reload} />
        ) : problem?.isHopeless === true ? (
          <button type="button" className="button" onClick={props.onRemove}>
            {strings.picker.removeUnfit}
          </button>
        ) : (
          <PostForm
            account={account}
            creator={state.creator}
            draft={draft}
            isAudited={me.isAudited}
            videoBlocker={problem?.sentence ?? (video.check === null ? strings.gap.checking : null)}
            videoCount={props.videoCount}
            isBusy={video.isStarting}
            refusal={video.refusal}
            onCheckAgain={reload}
            onChange={change}
            onUseForAll={props.onUseForAll}
            onSubmit={() => void submit(props, draft, state.creator)}
          />
        )}
      </div>
    </div>
  );
}

/** What is wrong with the video; hopeless when no setting and no other account could help. */
function checkOf(
  { video, me }: EditorProps,
  draft: Draft,
  creator: CreatorInfoResponse | null,
): { sentence: string; isHopeless: boolean } | null {
  if (video.check?.type === "unreadable") {
    return { sentence: strings.problem.unreadable, isHopeless: true };
  }
  const problem = problemOf(video, draft.mode, me.limits, creator);
  if (problem === null) return null;
  return { sentence: sentenceOfProblem(problem), isHopeless: problem.type !== "too_long" };
}

/** Goes on after the form was left for another video: what comes of it is kept with the video. */
async function submit(props: EditorProps, draft: Draft, creator: CreatorInfoResponse) {
  const { activity, tray, video, account, onBegun, onSessionOver } = props;
  const { check, file, handle } = video;
  if (check?.type !== "checked" || check.contentType === null) return;
  tray.update(video.id, { isStarting: true, refusal: null });
  try {
    await activity.begin({
      file,
      handle,
      contentType: check.contentType,
      accountId: account.id,
      post: settingsOf(draft, creator),
      consent: { agreed: true, textVersion: consentTextVersion },
      ...(check.facts.durationMs === null ? {} : { durationMs: check.facts.durationMs }),
    });
    onBegun();
  } catch (error) {
    if (isSessionOver(error)) onSessionOver();
    const refusal = sentenceOfError(error);
    tray.update(video.id, { isStarting: false, refusal });
  }
}
