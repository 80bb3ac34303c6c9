/**
 * What a chosen video's form holds: whose post it is, what was filled in, how far it is, and how settings go from one
 * video to all others.
 */
import type { AccountView, CreatorInfoResponse, MeResponse } from "@clipcast/client";
import {
  type Draft,
  emptyDraft,
  forAccount,
  gapOf,
  isUntouched,
  withSettingsOf,
} from "../model/draft.ts";
import { draftSecondsMax, type VideoProblem, videoProblem } from "../model/video.ts";
import type { ChosenVideo } from "./tray.ts";

/** The chosen account, or else the first one that can post; a disconnected one is gone from the list. */
export function accountOf(
  video: Pick<ChosenVideo, "accountId">,
  accounts: readonly AccountView[],
): AccountView | undefined {
  return (
    accounts.find(({ id }) => id === video.accountId) ??
    accounts.find(({ state }) => state === "connected") ??
    accounts[0]
  );
}

export function draftOf(
  { draft, accountId }: Pick<ChosenVideo, "draft" | "accountId">,
  account: Pick<AccountView, "id" | "canPublish">,
): Draft {
  if (draft === null) return emptyDraft(account);
  return accountId === null || accountId === account.id ? draft : forAccount(draft, account);
}

/** Whether leaving would lose more than the choice of a file. */
export function isFilledIn(
  video: Pick<ChosenVideo, "accountId" | "draft" | "isStarting">,
  accounts: readonly AccountView[],
): boolean {
  const account = accountOf(video, accounts);
  if (video.isStarting) return true;
  return account !== undefined && !isUntouched(draftOf(video, account), account);
}

/** The video with another's account and settings; see `withSettingsOf` for what stays its own. */
export function copySettings(
  source: ChosenVideo,
  video: ChosenVideo,
  accounts: readonly AccountView[],
): ChosenVideo {
  const account = accountOf(source, accounts);
  if (account === undefined || video.id === source.id || video.isStarting) return video;
  const before = accountOf(video, accounts);
  const own = draftOf(video, account);
  const draft = withSettingsOf(
    draftOf(source, account),
    before?.id === account.id ? own : forAccount(own, account),
  );
  return { ...video, accountId: account.id, draft, refusal: null };
}

/** What keeps the video itself from being posted; null when nothing is known to. */
export function problemOf(
  video: Pick<ChosenVideo, "file" | "check">,
  mode: Draft["mode"],
  limits: MeResponse["limits"],
  creator: CreatorInfoResponse | null,
): VideoProblem | null {
  const { file, check } = video;
  if (check?.type !== "checked") return null;
  const maxDurationSec = mode === "inbox" ? draftSecondsMax : (creator?.maxDurationSec ?? null);
  return videoProblem({ bytes: file.size, ...check }, { ...limits, maxDurationSec });
}

export type Readiness = "checking" | "unfit" | "open" | "ready" | "starting" | "refused";

/** How far a video is, as the strip shows it. */
export function readinessOf(
  video: ChosenVideo,
  me: MeResponse,
  creatorOf: Readonly<Record<string, CreatorInfoResponse>>,
): Readiness {
  const account = accountOf(video, me.accounts);
  if (video.isStarting) return "starting";
  if (video.check === null || account === undefined) return "checking";
  const creator = creatorOf[account.id] ?? null;
  const draft = draftOf(video, account);
  const isUnfit =
    video.check.type === "unreadable" || problemOf(video, draft.mode, me.limits, creator) !== null;
  if (isUnfit) return "unfit";
  if (video.refusal !== null) return "refused";
  return gapOf(draft, creator?.privacyOptions ?? null) === null ? "ready" : "open";
}
