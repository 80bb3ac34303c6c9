/** What a card shows in each situation. */
import type { PublicationView } from "@clipcast/client";
import { describe, expect, it } from "vitest";
import { cardOf } from "../src/state/card.ts";
import type { Entry, UploadLook } from "../src/state/entries.ts";
import { strings } from "../src/strings.ts";
import { publication } from "./browser.ts";

const nowMs = Date.UTC(2026, 0, 5, 12);
const text = strings.message;

function entry(view: PublicationView, change: Partial<Entry> = {}): Entry {
  return {
    view,
    upload: null,
    holder: null,
    source: "unknown",
    relay: null,
    isListed: true,
    ...change,
  };
}

function look(change: Partial<UploadLook> = {}): UploadLook {
  return {
    status: "uploading",
    held: null,
    sentBytes: 6,
    confirmedBytes: 4,
    pace: { bytesPerSecond: 2, secondsLeft: 2 },
    failure: null,
    ...change,
  };
}

const here = (change: Partial<UploadLook> = {}) =>
  entry(publication("uploading"), { upload: look(change), holder: "here" });
const elsewhere = (change: Partial<UploadLook> = {}) =>
  ({ ...here(change), holder: "elsewhere" }) as Entry;
const failing = (remedy: "retry" | "choose" | "none" | "sign_in") => ({
  status: "failed" as const,
  failure: { sentence: "No luck.", remedy },
});

describe("while the backend waits for bytes", () => {
  it.each([
    ["sends", here(), "uploading", "pause", text.keepOpen],
    ["is through", here({ status: "completing" }), "uploading", null, text.completing],
    ["is paused", here({ status: "paused" }), "paused", "resume", text.paused],
    ["is offline", here({ held: "offline" }), "offline", "pause", text.offline],
    ["has a bad line", here({ held: "retrying" }), "retrying", "pause", text.retrying],
    [
      "was paused while offline",
      here({ status: "paused", held: "offline" }),
      "paused",
      "resume",
      text.paused,
    ],
    [
      "lost its session",
      here({ held: "session_expired" }),
      "signed_out",
      "sign_in",
      text.signedOut,
    ],
    [
      "failed for want of a session",
      here(failing("sign_in")),
      "signed_out",
      "sign_in",
      text.signedOut,
    ],
    ["failed for now", here(failing("retry")), "interrupted", "try_again", "No luck."],
    ["lost its file", here(failing("choose")), "interrupted", "choose", "No luck."],
    ["failed for good", here(failing("none")), "interrupted", null, "No luck."],
  ])("this tab %s", (_case, shown, status, action, message) => {
    const card = cardOf(shown, nowMs);
    expect(card).toMatchObject({ status, action, message: { text: message }, canCancel: true });
  });

  it.each([
    ["sends", elsewhere(), "uploading", "pause", text.elsewhere],
    ["says nothing yet", { ...elsewhere(), upload: null }, "uploading", null, text.elsewhere],
    ["is paused", elsewhere({ status: "paused" }), "paused", "resume", text.paused],
    ["failed", elsewhere(failing("retry")), "interrupted", null, "No luck."],
  ])("another tab %s", (_case, shown, status, action, message) => {
    const card = cardOf(shown as Entry, nowMs);
    expect(card).toMatchObject({ status, action, message: { text: message } });
  });

  it.each([
    ["unknown", "checking", null, undefined],
    ["ask", "interrupted", "go_on", text.ask],
    ["none", "interrupted", "choose", text.choose],
    ["changed", "interrupted", "choose", text.changed],
  ] as const)("nobody sends, and the file is: %s", (source, status, action, message) => {
    const card = cardOf(entry(publication("uploading"), { source }), nowMs);
    expect(card).toMatchObject({ status, action });
    expect(card.message?.text).toBe(message);
  });

  it("counts what was sent, and after a failure only what storage has", () => {
    expect(cardOf(here(), nowMs).steps[0]).toMatchObject({ state: "current", doneBytes: 6 });
    expect(cardOf(here(failing("retry")), nowMs).steps[0]?.doneBytes).toBe(4);
  });

  it("shows no speed while nothing can move", () => {
    expect(cardOf(here(), nowMs).steps[0]?.pace).not.toBeNull();
    expect(cardOf(here({ held: "offline" }), nowMs).steps[0]?.pace).toBeNull();
  });
});

describe("once storage has everything", () => {
  it("says that the tab may be closed", () => {
    for (const status of ["queued", "relaying"] as const) {
      expect(cardOf(entry(publication(status)), nowMs).message?.text).toBe(text.mayClose);
    }
    expect(cardOf(entry(publication("processing")), nowMs).message?.text).toBe(text.processing);
  });

  it("says what is waited for, and until when", () => {
    const waiting = { reason: "The daily limit is reached.", untilMs: nowMs + 60_000 };
    const card = cardOf(entry(publication("queued", { waiting })), nowMs);
    expect(card.status).toBe("waiting");
    expect(card.message?.text).toMatch(/^The daily limit is reached\. Goes on at .+\.$/);
  });

  it("shows the speed of the second leg from what was seen of it", () => {
    const relay = { first: { atMs: 0, bytes: 1 }, last: { atMs: 4_000, bytes: 5 } };
    const { steps } = cardOf(entry(publication("relaying"), { relay }), nowMs);
    expect(steps.map(({ state }) => state)).toEqual(["done", "current", "later"]);
    expect(steps[1]?.pace).toEqual({ bytesPerSecond: 1, secondsLeft: 5 });
  });

  it("shows TikTok's own processing as a step that cannot be measured", () => {
    const { steps } = cardOf(entry(publication("processing")), nowMs);
    expect(steps.map(({ state }) => state)).toEqual(["done", "done", "current"]);
    expect(steps[2]?.totalBytes).toBeNull();
  });

  it("can be cancelled once", () => {
    const card = cardOf(entry(publication("relaying", { isCancelRequested: true })), nowMs);
    expect(card).toMatchObject({ status: "cancelling", canCancel: false });
  });
});

describe("at its end", () => {
  const post = {
    mode: "direct",
    title: "",
    privacyLevel: "PUBLIC_TO_EVERYONE",
  } as PublicationView["post"];

  it("links to the post, or to the profile while TikTok gives no link", () => {
    const urls = { postUrl: "https://t/post", profileUrl: "https://t/me" };
    const linked = cardOf(entry(publication("published", { post, ...urls })), nowMs);
    expect(linked).toMatchObject({
      link: { url: "https://t/post" },
      message: { text: text.published },
    });
    const soon = cardOf(entry(publication("published", { post, ...urls, postUrl: null })), nowMs);
    expect(soon).toMatchObject({
      link: { url: "https://t/me" },
      message: { text: text.publishedSoon },
    });
  });

  it("says why it failed, and offers another attempt only while there is one", () => {
    const failure = { code: "x", message: "TikTok said no.", isRetryable: true };
    const card = cardOf(entry(publication("failed", { failure, canRetry: true })), nowMs);
    expect(card).toMatchObject({ action: "retry", canCancel: false, steps: [] });
    expect(card.message).toEqual({ tone: "error", text: "TikTok said no." });
    expect(cardOf(entry(publication("failed", { failure })), nowMs).action).toBeNull();
  });
});
