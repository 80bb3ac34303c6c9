/** What a post starts with, what is missing, and what is sent: TikTok's guidelines, points 2 and 3. */
import { describe, expect, it } from "vitest";
import { declarationOf, isUndecided, labelOf, noDisclosure } from "../src/model/disclosure.ts";
import { captionUnitsMax, type Draft, emptyDraft, gapOf, settingsOf } from "../src/model/draft.ts";
import { isBrandedExcluded, privacyChoices } from "../src/model/privacy.ts";

const options = ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"];
const creator = {
  nickname: "Mara",
  username: "mara",
  avatarUrl: null,
  privacyOptions: options,
  isCommentDisabled: false,
  isDuetDisabled: false,
  isStitchDisabled: false,
  maxDurationSec: 600,
};
const on = { isOn: true, yourBrand: false, brandedContent: false };
const draft = (change: Partial<Draft> = {}): Draft => ({
  ...emptyDraft({ canPublish: true }),
  privacyLevel: "PUBLIC_TO_EVERYONE",
  ...change,
});

describe("an empty draft", () => {
  it("has nothing chosen beforehand", () => {
    expect(emptyDraft({ canPublish: true })).toEqual({
      mode: "direct",
      caption: "",
      privacyLevel: null,
      allowComment: false,
      allowDuet: false,
      allowStitch: false,
      disclosure: noDisclosure,
      isAiGenerated: false,
      coverTimestampMs: null,
    });
  });

  it("is a draft for TikTok where the account may not publish", () => {
    expect(emptyDraft({ canPublish: false }).mode).toBe("inbox");
  });
});

describe("disclosure", () => {
  it.each([
    [noDisclosure, null, "music", false],
    [on, null, "music", true],
    [{ ...on, yourBrand: true }, "promotional", "music", false],
    [{ ...on, brandedContent: true }, "paid", "branded", false],
    [{ ...on, yourBrand: true, brandedContent: true }, "paid", "branded", false],
    [{ isOn: false, yourBrand: true, brandedContent: true }, null, "music", false],
  ] as const)("%o: label %s, declaration %s, undecided %s", (given, label, text, undecided) => {
    expect(labelOf(given)).toBe(label);
    expect(declarationOf(given)).toBe(text);
    expect(isUndecided(given)).toBe(undecided);
  });
});

describe("branded content is never private", () => {
  it("when it is ticked first: only me cannot be chosen", () => {
    const branded = { ...on, brandedContent: true };
    expect(privacyChoices(options, branded).filter((choice) => choice.isDisabled)).toEqual([
      { level: "SELF_ONLY", isDisabled: true },
    ]);
    expect(privacyChoices(options, noDisclosure).some((choice) => choice.isDisabled)).toBe(false);
  });

  it("when only me is chosen first: it cannot be ticked", () => {
    expect(options.map(isBrandedExcluded)).toEqual([false, false, true]);
    expect(isBrandedExcluded(null)).toBe(false);
  });

  it("and not even if both got through", () => {
    const both = draft({ privacyLevel: "SELF_ONLY", disclosure: { ...on, brandedContent: true } });
    expect(gapOf(both, options)).toBe("branded_private");
  });
});

describe("the button is disabled", () => {
  it.each<[string, Partial<Draft>, string | null]>([
    ["not, when all is said", {}, null],
    ["until privacy is chosen", { privacyLevel: null }, "privacy"],
    [
      "when the choice was taken back by TikTok",
      { privacyLevel: "FOLLOWER_OF_CREATOR" },
      "privacy",
    ],
    [
      "while disclosure is undecided, which counts first",
      { disclosure: on, privacyLevel: null },
      "disclosure",
    ],
    ["not, at exactly the longest caption", { caption: "x".repeat(captionUnitsMax) }, null],
    ["over the longest caption", { caption: "x".repeat(captionUnitsMax + 1) }, "caption"],
    ["not, for a draft", { mode: "inbox", privacyLevel: null }, null],
  ])("%s", (_name, change, gap) => {
    expect(gapOf(draft(change), options)).toBe(gap);
  });
});

describe("what is sent", () => {
  it("is what was chosen", () => {
    const chosen = draft({
      caption: "Hello",
      allowComment: true,
      disclosure: { ...on, yourBrand: true },
      isAiGenerated: true,
      coverTimestampMs: 1500,
    });
    expect(settingsOf(chosen, creator)).toEqual({
      mode: "direct",
      title: "Hello",
      privacyLevel: "PUBLIC_TO_EVERYONE",
      allowComment: true,
      allowDuet: false,
      allowStitch: false,
      coverTimestampMs: 1500,
      disclosure: { yourBrand: true, brandedContent: false },
      isAiGenerated: true,
    });
  });

  it("leaves out a cover that was not picked, and interactions that the creator forbids", () => {
    const chosen = draft({ allowComment: true, allowDuet: true, allowStitch: true });
    const strict = { ...creator, isDuetDisabled: true, isCommentDisabled: true };
    const settings = settingsOf(chosen, strict);
    expect(settings).toMatchObject({ allowComment: false, allowDuet: false, allowStitch: true });
    expect(settings).not.toHaveProperty("coverTimestampMs");
  });

  it("discloses nothing once the toggle is off", () => {
    const off = draft({ disclosure: { isOn: false, yourBrand: true, brandedContent: true } });
    expect(settingsOf(off, creator)).toMatchObject({
      disclosure: { yourBrand: false, brandedContent: false },
    });
  });

  it("is nothing but the mode for a draft", () => {
    expect(settingsOf(draft({ mode: "inbox", caption: "x" }), creator)).toEqual({ mode: "inbox" });
  });
});
