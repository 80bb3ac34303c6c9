/** What the page of one publication says it was: whose, and with which choices. */
import type { AccountView } from "@clipcast/client";
import { describe, expect, it } from "vitest";
import { authorOf, bylineOf, disclosureOf, interactionsOf } from "../src/model/summary.ts";

const profileUrl = "https://www.tiktok.com/@mara.films";
const profile = { handle: "@mara.films", url: profileUrl };
const mara = { id: "a", displayName: "Mara" } as AccountView;

describe("the account of a post", () => {
  it("has its name and, as long as it is connected or not, its handle", () => {
    const view = { accountId: "a", profileUrl };
    expect(authorOf(view, [mara])).toEqual({ name: "Mara", profile, isConnected: true });
    expect(authorOf(view, [])).toEqual({ name: "@mara.films", profile, isConnected: false });
  });

  it("of a draft has its name alone, and no other account's when it is gone", () => {
    const view = { accountId: "a", profileUrl: null };
    expect(authorOf(view, [mara])).toEqual({ name: "Mara", profile: null, isConnected: true });
    const other = { ...mara, id: "b", displayName: "Somebody else" };
    expect(authorOf(view, [other])).toEqual({
      name: "Disconnected account",
      profile: null,
      isConnected: false,
    });
  });
});

describe("a card in the list", () => {
  const john = { ...mara, id: "b", displayName: "John" };

  it("names the account only when there are several that it could be", () => {
    expect(bylineOf({ accountId: "a", profileUrl }, [mara])).toBeNull();
    expect(bylineOf({ accountId: "a", profileUrl }, [mara, john])).toBe("Mara");
    expect(bylineOf({ accountId: "b", profileUrl: null }, [mara, john])).toBe("John");
  });

  it("names one that was disconnected as far as it is known", () => {
    expect(bylineOf({ accountId: "c", profileUrl }, [mara, john])).toBe("@mara.films");
    expect(bylineOf({ accountId: "c", profileUrl }, [])).toBeNull();
  });
});

const post = {
  mode: "direct",
  title: "",
  privacyLevel: "SELF_ONLY",
  allowComment: true,
  allowDuet: false,
  allowStitch: true,
  disclosure: { yourBrand: false, brandedContent: false },
  isAiGenerated: false,
} as const;

it("says of each interaction whether it is allowed", () => {
  expect(interactionsOf(post)).toEqual([
    { name: "Comment", isAllowed: true },
    { name: "Duet", isAllowed: false },
    { name: "Stitch", isAllowed: true },
  ]);
});

it.each([
  [false, false, "Not disclosed"],
  [true, false, "Your brand, labeled “Promotional content”"],
  [false, true, "Branded content, labeled “Paid partnership”"],
  [true, true, "Your brand and branded content, labeled “Paid partnership”"],
])("own brand %s, branded content %s: %s", (yourBrand, brandedContent, said) => {
  expect(disclosureOf({ ...post, disclosure: { yourBrand, brandedContent } })).toBe(said);
});
