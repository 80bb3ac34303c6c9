/** The chosen videos: what is kept of each, which one the form shows, and what goes from one to all. */
import type { AccountView, CreatorInfoResponse, MeResponse } from "@clipcast/client";
import { describe, expect, it } from "vitest";
import { emptyDraft } from "../src/model/draft.ts";
import { unknownFacts } from "../src/model/video.ts";
import {
  accountOf,
  copySettings,
  draftOf,
  isFilledIn,
  problemOf,
  readinessOf,
} from "../src/state/filling.ts";
import type { VideoCheck } from "../src/state/probe.ts";
import { type ChosenVideo, createTray, videosMax } from "../src/state/tray.ts";

const file = (name: string) => new File(["x"], name, { lastModified: 1 });
const pick = (...names: string[]) => names.map((name) => ({ file: file(name), handle: null }));
const fine: VideoCheck = { type: "checked", contentType: "video/mp4", facts: unknownFacts };

function createStage(check: VideoCheck = fine) {
  const openUrls = new Set<string>();
  const tray = createTray({
    probe: async () => check,
    urls: {
      createObjectURL: (blob) => {
        const url = `blob:${(blob as File).name}`;
        openUrls.add(url);
        return url;
      },
      revokeObjectURL: (url) => void openUrls.delete(url),
    },
  });
  const names = () => tray.get().videos.map((video) => video.file.name);
  const current = () => tray.get().videos.find(({ id }) => id === tray.get().currentId);
  const idOf = (name: string) =>
    tray.get().videos.find((video) => video.file.name === name)?.id ?? "";
  return { tray, openUrls, names, current, idOf };
}

const account = (id: string, change: Partial<AccountView> = {}): AccountView => ({
  id,
  displayName: id,
  state: "connected",
  reconnectReason: null,
  canPublish: true,
  canSendDrafts: true,
  ...change,
});
const creator: CreatorInfoResponse = {
  nickname: "Mara",
  username: "mara",
  avatarUrl: null,
  privacyOptions: ["PUBLIC_TO_EVERYONE", "SELF_ONLY"],
  isCommentDisabled: false,
  isDuetDisabled: false,
  isStitchDisabled: false,
  maxDurationSec: 300,
};
const me = {
  accounts: [account("a"), account("b")],
  limits: { maxFileBytes: 1000, contentTypes: ["video/mp4"] },
} as MeResponse;
const video = (change: Partial<ChosenVideo> = {}): ChosenVideo => ({
  id: "video-1",
  file: file("one.mp4"),
  handle: null,
  url: "blob:one.mp4",
  check: fine,
  accountId: null,
  draft: null,
  isStarting: false,
  refusal: null,
  ...change,
});

describe("the tray", () => {
  it("shows the first of what was chosen, and keeps showing it when more come", () => {
    const { tray, names, current } = createStage();
    tray.add(pick("one.mp4", "two.mp4"));
    tray.add(pick("three.mp4"));
    expect(names()).toEqual(["one.mp4", "two.mp4", "three.mp4"]);
    expect(current()?.file.name).toBe("one.mp4");
  });

  it("leaves out a file that is in it already", () => {
    const { tray, names } = createStage();
    tray.add(pick("one.mp4"));
    tray.add(pick("one.mp4", "two.mp4"));
    expect(names()).toEqual(["one.mp4", "two.mp4"]);
  });

  it("says how many it has no room for", () => {
    const { tray } = createStage();
    tray.add(pick(...Array.from({ length: videosMax + 2 }, (_, index) => `${index}.mp4`)));
    expect(tray.get()).toMatchObject({ leftOutCount: 2 });
    expect(tray.get().videos).toHaveLength(videosMax);
  });

  it("fills in what was found out, once it is known", async () => {
    const { tray, current } = createStage();
    tray.add(pick("one.mp4"));
    expect(current()?.check).toBeNull();
    await Promise.resolve();
    expect(current()?.check).toEqual(fine);
  });

  it("goes on to the next one, then to what is left, and frees what it held", () => {
    const { tray, openUrls, current, idOf } = createStage();
    tray.add(pick("one.mp4", "two.mp4", "three.mp4"));
    tray.show(idOf("two.mp4"));
    tray.remove(idOf("two.mp4"));
    expect(current()?.file.name).toBe("three.mp4");
    tray.remove(idOf("three.mp4"));
    expect(current()?.file.name).toBe("one.mp4");
    tray.remove(idOf("one.mp4"));
    expect(tray.get()).toMatchObject({ videos: [], currentId: null });
    expect([...openUrls]).toEqual([]);
  });

  it("stays with its video when another one leaves", () => {
    const { tray, current, idOf } = createStage();
    tray.add(pick("one.mp4", "two.mp4"));
    tray.show(idOf("two.mp4"));
    tray.remove(idOf("one.mp4"));
    expect(current()?.file.name).toBe("two.mp4");
  });
});

describe("whose post it is", () => {
  it("is the chosen account, else the first that can post, even after it was disconnected", () => {
    const lost = account("a", { state: "reconnect" });
    expect(accountOf({ accountId: "b" }, [lost, account("b")])?.id).toBe("b");
    expect(accountOf({ accountId: null }, [lost, account("b")])?.id).toBe("b");
    expect(accountOf({ accountId: "gone" }, [lost])?.id).toBe("a");
    expect(accountOf({ accountId: null }, [])).toBeUndefined();
  });
});

describe("what is filled in", () => {
  const empty = emptyDraft({ canPublish: true });
  const disclosure = { isOn: true, yourBrand: false, brandedContent: false };
  it.each<[string, Partial<ChosenVideo>, boolean]>([
    ["a file alone", {}, false],
    ["a form that was only looked at", { accountId: "a" }, false],
    ["what was taken back", { accountId: "a", draft: { ...empty } }, false],
    ["a caption", { accountId: "a", draft: { ...empty, caption: "x" } }, true],
    ["who can view it", { accountId: "a", draft: { ...empty, privacyLevel: "SELF_ONLY" } }, true],
    ["an interaction", { accountId: "a", draft: { ...empty, allowDuet: true } }, true],
    ["a disclosure", { accountId: "a", draft: { ...empty, disclosure } }, true],
    [
      "the first frame, by hand",
      { accountId: "a", draft: { ...empty, coverTimestampMs: 0 } },
      true,
    ],
    ["a draft for the app", { accountId: "a", draft: { ...empty, mode: "inbox" } }, true],
    ["a post being begun", { isStarting: true }, true],
  ])("%s would be lost: %o %s", (_, change, isLost) => {
    expect(isFilledIn(video(change), me.accounts)).toBe(isLost);
  });

  it("for an account that is gone is no choice for another; the words and the cover stay", () => {
    const draft = {
      ...empty,
      caption: "Mine",
      coverTimestampMs: 900,
      privacyLevel: "PUBLIC_TO_EVERYONE",
      allowComment: true,
    };
    const left = draftOf({ accountId: "gone", draft }, account("b"));
    expect(left).toEqual({ ...empty, caption: "Mine", coverTimestampMs: 900 });
  });
});

describe("settings for all", () => {
  const draft = {
    ...emptyDraft({ canPublish: true }),
    caption: "Mine",
    privacyLevel: "PUBLIC_TO_EVERYONE",
    allowComment: true,
    isAiGenerated: true,
    coverTimestampMs: 900,
  };
  const source = video({ accountId: "a", draft });

  it("go to another video, which keeps its caption and cover, and is private to nobody's eyes", () => {
    const other = video({
      id: "video-2",
      draft: { ...emptyDraft({ canPublish: true }), caption: "Other", coverTimestampMs: 100 },
    });
    expect(copySettings(source, other, me.accounts)).toMatchObject({
      accountId: "a",
      draft: {
        allowComment: true,
        isAiGenerated: true,
        caption: "Other",
        coverTimestampMs: 100,
        // Chosen by hand for each video.
        privacyLevel: null,
      },
    });
  });

  it("leave a choice of viewers standing, unless it was made for another account", () => {
    const chosen = { ...emptyDraft({ canPublish: true }), privacyLevel: "SELF_ONLY" };
    const same = video({ id: "video-2", draft: chosen });
    expect(copySettings(source, same, me.accounts).draft?.privacyLevel).toBe("SELF_ONLY");
    const elsewhere = video({ id: "video-2", accountId: "b", draft: chosen });
    expect(copySettings(source, elsewhere, me.accounts).draft?.privacyLevel).toBeNull();
  });

  it("take back a private choice when they make the video branded content", () => {
    const disclosure = { isOn: true, yourBrand: false, brandedContent: true };
    const branded = video({ accountId: "a", draft: { ...draft, disclosure } });
    const chosen = { ...emptyDraft({ canPublish: true }), privacyLevel: "SELF_ONLY" };
    const other = video({ id: "video-2", draft: chosen });
    expect(copySettings(branded, other, me.accounts).draft?.privacyLevel).toBeNull();
  });

  it("change neither the video they come from nor one that is already being sent", () => {
    expect(copySettings(source, source, me.accounts)).toBe(source);
    const sent = video({ id: "video-2", isStarting: true });
    expect(copySettings(source, sent, me.accounts)).toBe(sent);
  });
});

describe("how far a video is", () => {
  const complete = { ...emptyDraft({ canPublish: true }), privacyLevel: "SELF_ONLY" };
  it.each<[string, Partial<ChosenVideo>, Record<string, CreatorInfoResponse>]>([
    ["checking", { check: null }, {}],
    ["unfit", { check: { type: "unreadable" } }, {}],
    ["unfit", { check: { type: "checked", contentType: null, facts: unknownFacts } }, {}],
    [
      "unfit",
      { check: { ...fine, facts: { ...unknownFacts, durationMs: 300_001 } } },
      { a: creator },
    ],
    ["open", {}, {}],
    ["open", { draft: { ...complete, privacyLevel: "FOLLOWER_OF_CREATOR" } }, { a: creator }],
    ["ready", { draft: complete }, {}],
    ["ready", { draft: complete }, { a: creator }],
    ["refused", { draft: complete, refusal: "No." }, {}],
    ["starting", { draft: complete, isStarting: true }, {}],
  ])("%s: %o", (readiness, change, creators) => {
    expect(readinessOf(video(change), me, creators)).toBe(readiness);
  });

  it("measures a draft for the app against ten minutes, not against the account's limit", () => {
    const long = video({ check: { ...fine, facts: { ...unknownFacts, durationMs: 600_000 } } });
    expect(problemOf(long, "inbox", me.limits, creator)).toBeNull();
    expect(problemOf(long, "direct", me.limits, creator)?.type).toBe("too_long");
    const longer = video({ check: { ...fine, facts: { ...unknownFacts, durationMs: 600_001 } } });
    expect(problemOf(longer, "inbox", me.limits, null)?.type).toBe("too_long");
  });

  it("begins with an empty draft of the account's own kind", () => {
    expect(draftOf(video(), account("a", { canPublish: false })).mode).toBe("inbox");
  });
});
