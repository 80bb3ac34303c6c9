/** What is said and shown as time goes by: speeds, moments, announcements; and addresses. */
import { describe, expect, it } from "vitest";
import { createChatter, silenceMs } from "../src/model/chatter.ts";
import { createPace, paceBetween } from "../src/model/pace.ts";
import { formatUntil } from "../src/model/until.ts";
import { publicationPath, routeOf } from "../src/state/route.ts";

describe("the pace", () => {
  function meter() {
    let nowMs = 0;
    const pace = createPace(() => nowMs);
    return (atMs: number, bytesPerSecond: number | null, leftBytes: number) => {
      nowMs = atMs;
      return pace.read({ bytesPerSecond, leftBytes });
    };
  }

  it("is renewed every other second at most, and gives no time at first sight", () => {
    const read = meter();
    expect(read(0, 10, 1_000)).toEqual({ bytesPerSecond: 10, secondsLeft: null });
    expect(read(1_900, 99, 990)).toEqual({ bytesPerSecond: 10, secondsLeft: null });
    expect(read(2_000, 99, 990)).toEqual({ bytesPerSecond: 99, secondsLeft: 10 });
  });

  it("lets the time left go down freely, and up only when it is clearly longer", () => {
    const read = meter();
    read(0, 10, 1_000);
    expect(read(2_000, 10, 1_000)?.secondsLeft).toBe(100);
    expect(read(4_000, 9, 990)?.secondsLeft).toBe(100);
    expect(read(6_000, 10, 980)?.secondsLeft).toBe(98);
    expect(read(8_000, 7, 980)?.secondsLeft).toBe(140);
  });

  it("gives no time while nothing moves, and nothing while nothing is known", () => {
    const read = meter();
    read(0, 10, 1_000);
    expect(read(2_000, 0, 1_000)).toEqual({ bytesPerSecond: 0, secondsLeft: null });
    expect(read(2_100, null, 1_000)).toBeNull();
  });

  it("of the way to TikTok is the average since it was first seen", () => {
    const first = { atMs: 0, bytes: 10 };
    expect(paceBetween(first, { atMs: 1_000, bytes: 20 }, 100)).toBeNull();
    expect(paceBetween(first, { atMs: 4_000, bytes: 10 }, 100)).toBeNull();
    const pace = paceBetween(first, { atMs: 4_000, bytes: 50 }, 100);
    expect(pace).toEqual({ bytesPerSecond: 10, secondsLeft: 5 });
  });
});

describe("announcements", () => {
  const now = (sentence: string) => new Map([["a", sentence]]);

  it("leave out what was there from the beginning", () => {
    const chatter = createChatter();
    expect(chatter.hear(now("0 %"), 0).say).toEqual([]);
    expect(chatter.hear(now("0 %"), 1).say).toEqual([]);
  });

  it("come at most once in ten seconds, with the latest of each", () => {
    const chatter = createChatter();
    chatter.hear(now("0 %"), 0);
    expect(chatter.hear(now("25 %"), 100).say).toEqual(["25 %"]);
    expect(chatter.hear(now("50 %"), 200)).toEqual({ say: [], askAgainMs: silenceMs - 100 });
    expect(chatter.hear(now("Published"), 300).say).toEqual([]);
    expect(chatter.hear(now("Published"), 100 + silenceMs).say).toEqual(["Published"]);
    expect(chatter.hear(now("Published"), 90_000).say).toEqual([]);
  });
});

it.each([
  [new Date(2026, 0, 5, 16, 36), "at 4:36 PM"],
  [new Date(2026, 0, 6, 0, 0), "tomorrow at 12:00 AM"],
  [new Date(2026, 0, 9, 9, 5), "on Jan 9 at 9:05 AM"],
])("%s is said as: %s", (at, said) => {
  const now = new Date(2026, 0, 5, 23, 59);
  const spoken = formatUntil(at.getTime(), now.getTime(), "en-US");
  expect(spoken.replaceAll("\u202f", " ")).toBe(said);
});

it.each([
  ["/", { type: "home" }],
  ["/p/abc", { type: "publication", publicationId: "abc" }],
  ["/p/abc/", { type: "publication", publicationId: "abc" }],
  [publicationPath("a/b"), { type: "publication", publicationId: "a/b" }],
  ["/p/", { type: "home" }],
  ["/p/%", { type: "home" }],
  ["/signed-in", { type: "signed_in" }],
])("the address %s means %o", (path, route) => {
  expect(routeOf(path)).toEqual(route);
});
