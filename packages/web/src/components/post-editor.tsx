/** A chosen video on its way to a post: preview, checks, settings, and the hand-over to the uploads. */
import type { AccountView, Client, MeResponse } from "@clipcast/client";
import { useState } from "react";
import { type Draft, emptyDraft, settingsOf } from "../model/draft.ts";
import { sentenceOfError, sentenceOfProblem } from "../model/sentence.ts";
import { unknownFacts, type VideoFacts, videoProblem } from "../model/video.ts";
import type { Activity } from "../state/activity.ts";
import { useCreator } from "../state/creator.ts";
import { isSessionOver } from "../state/session.ts";
import { consentTextVersion } from "../strings/post.ts";
import { strings } from "../strings.ts";
import { CreatorCard } from "./creator-card.tsx";
import { CreatorTrouble } from "./creator-trouble.tsx";
import { Notice } from "./notice.tsx";
import { PostForm } from "./post-form.tsx";
import { VideoPreview } from "./video-preview.tsx";

export type Video = { file: File; contentType: string | null };

export type EditorProps = {
  client: Client;
  me: MeResponse;
  activity: Activity;
  video: Video;
  onPosted: () => void;
  onSessionOver: () => void;
};

export function PostEditor(props: EditorProps) {
  const { client, me, video } = props;
  const [accountId, setAccountId] = useState<string | null>(null);
  const account =
    me.accounts.find(({ id }) => id === accountId) ??
    me.accounts.find(({ state }) => state === "connected") ??
    me.accounts[0];
  if (account === undefined) {
    return <a href={client.api.loginUrl({ returnTo: "/" })}>{strings.welcome.connect}</a>;
  }
  // Another account or video is another post: nothing chosen for the one may slip into the other.
  const key = `${account.id} ${video.file.name} ${video.file.size} ${video.file.lastModified}`;
  return <AccountEditor {...props} key={key} account={account} onChoose={setAccountId} />;
}

function AccountEditor(
  props: EditorProps & { account: AccountView; onChoose: (accountId: string) => void },
) {
  const { client, me, activity, video, account, onChoose, onPosted, onSessionOver } = props;
  const [creatorState, reload] = useCreator(client, account.id, onSessionOver);
  const [draft, setDraft] = useState<Draft>(() => emptyDraft(account));
  const [facts, setFacts] = useState<VideoFacts | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const creator = creatorState.type === "ready" ? creatorState.creator : null;

  const problem = videoProblem(
    {
      bytes: video.file.size,
      contentType: video.contentType,
      facts: facts ?? unknownFacts,
    },
    {
      ...me.limits,
      maxDurationSec: draft.mode === "direct" ? (creator?.maxDurationSec ?? null) : null,
    },
  );
  const problemSentence = problem === null ? null : sentenceOfProblem(problem);
  const videoBlocker = problemSentence ?? (facts === null ? strings.gap.checking : null);

  const submit = async () => {
    if (creator === null || video.contentType === null) return;
    setIsBusy(true);
    setRefusal(null);
    try {
      await activity.begin({
        file: video.file,
        contentType: video.contentType,
        handle: null,
        accountId: account.id,
        post: settingsOf(draft, creator),
        consent: { agreed: true, textVersion: consentTextVersion },
        ...(facts?.durationMs != null ? { durationMs: facts.durationMs } : {}),
      });
      onPosted();
    } catch (error) {
      setIsBusy(false);
      if (isSessionOver(error)) onSessionOver();
      else setRefusal(sentenceOfError(error));
    }
  };

  return (
    <div className="editor">
      <VideoPreview
        file={video.file}
        facts={facts}
        coverTimestampMs={draft.coverTimestampMs}
        onFacts={setFacts}
      />
      <div className="editor-form">
        <CreatorCard
          accounts={me.accounts}
          account={account}
          creator={creator}
          onChoose={onChoose}
        />
        {problemSentence !== null && <Notice tone="error">{problemSentence}</Notice>}
        {creatorState.type !== "ready" ? (
          <CreatorTrouble state={creatorState} client={client} onRetry={reload} />
        ) : (
          <PostForm
            account={account}
            creator={creatorState.creator}
            draft={draft}
            durationMs={facts?.durationMs ?? null}
            isAudited={me.isAudited}
            videoBlocker={videoBlocker}
            isBusy={isBusy}
            refusal={refusal}
            onChange={(change) => setDraft((now) => ({ ...now, ...change }))}
            onSubmit={() => void submit()}
          />
        )}
      </div>
    </div>
  );
}
