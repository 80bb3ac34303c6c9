/**
 * A publication in the words of a creator who asks: what did I post, where, and for whom? Pure; the page only lays it out.
 */
import type { AccountView, PublicationView } from "@clipcast/client";
import { strings } from "../strings.ts";

type DirectPost = Extract<PublicationView["post"], { mode: "direct" }>;

export type Author = {
  name: string;
  /** Its page on TikTok; null for drafts, which the backend sends without asking for a handle. */
  profile: { handle: string; url: string } | null;
  isConnected: boolean;
};

/** The account may have been disconnected since; its handle was kept with the post. */
export function authorOf(
  { accountId, profileUrl }: Pick<PublicationView, "accountId" | "profileUrl">,
  accounts: readonly AccountView[],
): Author {
  const account = accounts.find(({ id }) => id === accountId);
  const handle = /\/(@[^/]+)$/.exec(profileUrl ?? "")?.[1];
  return {
    name: account?.displayName ?? handle ?? strings.detail.accountGone,
    profile: profileUrl === null || handle === undefined ? null : { handle, url: profileUrl },
    isConnected: account !== undefined,
  };
}

/** Whose post it is, where there is more than one that it could be. */
export function bylineOf(
  view: Pick<PublicationView, "accountId" | "profileUrl">,
  accounts: readonly AccountView[],
): string | null {
  return accounts.length > 1 ? authorOf(view, accounts).name : null;
}

export function interactionsOf(post: DirectPost): { name: string; isAllowed: boolean }[] {
  return [
    { name: strings.post.comment, isAllowed: post.allowComment },
    { name: strings.post.duet, isAllowed: post.allowDuet },
    { name: strings.post.stitch, isAllowed: post.allowStitch },
  ];
}

export function disclosureOf({ disclosure }: DirectPost): string {
  const { yourBrand, brandedContent } = disclosure;
  const text = strings.detail;
  if (brandedContent) return yourBrand ? text.both : text.branded;
  return yourBrand ? text.ownBrand : text.notDisclosed;
}
