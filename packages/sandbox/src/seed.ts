// The creators a fresh sandbox starts with: two that simply work, and one for each thing that can be in
// the way. They are ordinary records; the control API changes them or adds others.

import { type Creator, creatorSchema } from "./state.ts";
import type { Store } from "./store.ts";

const seeds: (Pick<Creator, "username" | "nickname"> & Partial<Creator>)[] = [
  {
    username: "demo.creator",
    nickname: "Demo Creator",
    bio: "Public account, everything allowed",
    followerCount: 12_400,
    isVerified: true,
  },
  {
    username: "private.creator",
    nickname: "Private Creator",
    bio: "Private account: what an unaudited app may post to",
    isPrivate: true,
    followerCount: 87,
  },
  {
    username: "quiet.creator",
    nickname: "Quiet Creator",
    bio: "Comments, duet and stitch are off",
    isCommentOff: true,
    isDuetOff: true,
    isStitchOff: true,
  },
  {
    username: "short.creator",
    nickname: "Short Creator",
    bio: "Videos up to 5 seconds",
    maxDurationSec: 5,
  },
  {
    username: "busy.creator",
    nickname: "Busy Creator",
    bio: "Reached today's cap of posts",
    postsElsewhereCount: 15,
  },
  { username: "banned.creator", nickname: "Banned Creator", bio: "May not post", isBanned: true },
];

export function seedCreators(store: Store): void {
  if (store.creators.all().length > 0) return;
  for (const seed of seeds) store.creators.put(creatorSchema.parse(seed));
}
