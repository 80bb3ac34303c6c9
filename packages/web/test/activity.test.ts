/** The publications of one tab: begun, remembered, taken up again, cancelled. */
import { ApiError, UploadError } from "@clipcast/client";
import { describe, expect, it, vi } from "vitest";
import { remedyOf } from "../src/model/remedy.ts";
import { sentenceOfLoginError } from "../src/model/sentence.ts";
import { fingerprintOf } from "../src/state/fingerprint.ts";
import { createMemory } from "../src/state/memory.ts";
import { strings } from "../src/strings.ts";
import { createBackend, createBrowser, file, publication, upload, userId } from "./browser.ts";

const expired = { type: "", title: "", status: 401, code: "session_expired", detail: "Over." };
const id = "publication-1";

/** A tab whose upload is under way and remembered. */
async function begin(browser = createBrowser()) {
  const tab = browser.newTab();
  await tab.open();
  const begun = tab.activity.begin(upload);
  const view = publication("uploading");
  browser.backend.views.set(id, view);
  tab.wires[0]?.tell({ status: "uploading", publication: view });
  await begun;
  await expect.poll(() => browser.memory.all.get(id)?.fingerprint).toBeTruthy();
  return { ...browser, tab };
}

describe("beginning", () => {
  it("remembers the upload until storage has everything, then follows it to its end", async () => {
    const { backend, memory, tab } = await begin();
    expect(memory.all.get(id)).toMatchObject({ userId, isPaused: false });
    expect(tab.entry()).toMatchObject({ holder: "here", upload: { status: "uploading" } });
    backend.views.set(id, publication("published"));
    tab.wires[0]?.finish(publication("queued"));
    await expect.poll(() => tab.entry()?.view.status).toBe("published");
    expect(tab.entry()).toMatchObject({ upload: null, holder: null });
    expect(memory.all.size).toBe(0);
  });

  it("rejects with the refusal and shows nothing", async () => {
    const tab = createBrowser().newTab();
    await tab.open();
    const begun = tab.activity.begin(upload);
    tab.wires[0]?.fail(new UploadError("part_refused", "No."));
    await expect(begun).rejects.toMatchObject({ code: "part_refused" });
    expect(tab.activity.get().entries).toEqual([]);
  });
});

describe("an upload under way", () => {
  it("that is cancelled shows what the backend says, not its own last words", async () => {
    const { memory, tab } = await begin();
    await tab.activity.cancel(id);
    tab.wires[0]?.tell({ status: "aborted" });
    expect(tab.entry()).toMatchObject({ view: { status: "cancelled" }, upload: null });
    expect(memory.all.size).toBe(0);
  });

  it("that was cancelled elsewhere shows that, and no error", async () => {
    const { backend, tab } = await begin();
    backend.views.set(id, publication("cancelled"));
    tab.wires[0]?.fail(new ApiError({ ...expired, status: 409, code: "not_uploading" }));
    await expect.poll(() => tab.entry()?.view.status).toBe("cancelled");
    expect(tab.entry()?.upload).toBeNull();
  });

  it("that failed is tried again with the file at hand", async () => {
    const { tab } = await begin();
    tab.wires[0]?.fail(new UploadError("attempts_exhausted", "Spent."));
    tab.activity.tryAgain(id);
    expect(tab.wires[1]).toMatchObject({ file, goal: { publicationId: id } });
  });

  it("that was paused stays so after a reload, until it is resumed", async () => {
    const first = await begin();
    first.tab.activity.pause(id);
    expect(first.memory.all.get(id)?.isPaused).toBe(true);
    first.tab.close();
    const handle = handleOf(file);
    await first.memory.amend(id, { handle });
    const later = first.newTab();
    await later.open();
    await expect.poll(() => later.entry()?.upload?.status).toBe("paused");
    later.activity.resume(id);
    expect(first.memory.all.get(id)?.isPaused).toBe(false);
  });

  it("is held while the session is over, and goes on at once when it is back", async () => {
    const { tab } = await begin();
    tab.wires[0]?.tell({ status: "paused", hold: { reason: "session_expired" } });
    tab.wires[0]?.tell({ status: "paused", hold: { reason: "session_expired" } });
    expect(tab.sessionEnds()).toBe(1);
    expect(tab.entry()?.upload).toMatchObject({ status: "uploading", held: "session_expired" });
    tab.activity.regained();
    expect(tab.wires[0]?.state()).toMatchObject({ status: "uploading", hold: null });
    expect(tab.wires).toHaveLength(1);
  });

  it("that failed for want of a session begins again when it is back", async () => {
    const { tab } = await begin();
    tab.wires[0]?.fail(new ApiError(expired));
    await expect.poll(() => tab.sessionEnds()).toBe(1);
    expect(tab.entry()?.upload?.failure?.remedy).toBe("sign_in");
    tab.activity.regained();
    expect(tab.wires[1]?.goal.publicationId).toBe(id);
  });
});

describe("after a reload", () => {
  const view = publication("uploading");

  it("goes on by itself when the browser keeps the file and permits reading it", async () => {
    const browser = await closedInTheMiddle(handleOf(file));
    const tab = browser.newTab();
    await tab.open();
    await expect.poll(() => tab.wires[0]?.goal.publicationId).toBe(id);
  });

  it("asks for permission where the browser wants the creator's word", async () => {
    const requestPermission = vi.fn(async () => "granted");
    const handle = handleOf(file, { queryPermission: async () => "prompt", requestPermission });
    const browser = await closedInTheMiddle(handle);
    const tab = browser.newTab();
    await tab.open();
    await expect.poll(() => tab.entry()?.source).toBe("ask");
    expect(requestPermission).not.toHaveBeenCalled();
    expect(await tab.activity.goOn(view)).toBe("taken");
    expect(tab.wires).toHaveLength(1);
  });

  it("says so when the file is another one by now, and sends nothing", async () => {
    const browser = await closedInTheMiddle(handleOf(new File(["012345678X"], "clip.mp4")));
    const tab = browser.newTab();
    await tab.open();
    await expect.poll(() => tab.entry()?.source).toBe("changed");
    expect(tab.wires).toEqual([]);
  });

  it("asks for the file without a handle, and goes by the fingerprint", async () => {
    const browser = await closedInTheMiddle(null);
    const tab = browser.newTab();
    await tab.open();
    await expect.poll(() => tab.entry()?.source).toBe("none");
    const changed = new File(["0123456780"], "clip.mp4");
    const renamed = new File(["0123456789"], "renamed.mp4");
    expect(await tab.activity.takeUp(view, { file: changed, handle: null })).toBe("different");
    expect(tab.wires).toEqual([]);
    expect(await tab.activity.takeUp(view, { file: renamed, handle: null })).toBe("taken");
    expect(tab.wires[0]?.goal).toMatchObject({ publicationId: id });
  });

  it("goes by name and size in another browser", async () => {
    const tab = createBrowser(createBackend([view])).newTab();
    await tab.open();
    const take = (text: string, name: string) =>
      tab.activity.takeUp(view, { file: new File([text], name), handle: null });
    expect(await take("0123456789", "other.mp4")).toBe("different");
    expect(await take("012345678", "clip.mp4")).toBe("different");
    expect(await take("0123456789", "clip.mp4")).toBe("taken");
  });

  it("shows an unfinished upload that is too old for the first page", async () => {
    const browser = await closedInTheMiddle(null);
    browser.backend.api.list = async () => ({ publications: [], nextCursor: null });
    const tab = browser.newTab();
    await tab.open();
    expect(tab.entry()).toMatchObject({ view: { id }, isListed: true });
  });

  it("remembers nothing for another user of the same browser", async () => {
    const browser = await closedInTheMiddle(handleOf(file));
    const tab = browser.newTab("user-2");
    await tab.open();
    await expect.poll(() => tab.entry()?.source).toBe("none");
    expect(tab.wires).toEqual([]);
    expect(browser.memory.all.size).toBe(1);
  });
});

async function closedInTheMiddle(handle: FileSystemFileHandle | null) {
  const browser = await begin();
  browser.tab.close();
  await browser.memory.amend(id, { handle });
  return browser;
}

function handleOf(content: File, more: object = {}): FileSystemFileHandle {
  return { kind: "file", getFile: async () => content, ...more } as unknown as FileSystemFileHandle;
}

it("a fingerprint tells a change in head, middle or tail", async () => {
  const content = new Uint8Array(1_000_000);
  const prints = new Set<string>();
  for (const index of [-1, 0, 500_000, 999_999]) {
    const changed = content.slice();
    if (index >= 0) changed[index] = 1;
    prints.add(await fingerprintOf(new Blob([changed])));
  }
  expect(prints.size).toBe(4);
});

it("memory that the browser refuses remembers nothing and breaks nothing", async () => {
  const memory = createMemory(undefined);
  const fingerprint = null;
  await memory.remember({ publicationId: id, userId, fingerprint, handle: null, isPaused: false });
  await memory.amend(id, { isPaused: true });
  expect(await memory.recall(userId, id)).toBeNull();
  expect(await memory.recallAll(userId)).toEqual([]);
});

it.each([
  [new UploadError("attempts_exhausted", ""), "retry"],
  [new UploadError("file_changed", ""), "choose"],
  [new UploadError("upload_gone", ""), "none"],
  [new ApiError(expired), "sign_in"],
  [new ApiError({ ...expired, status: 503 }), "retry"],
  [new Error("A bug."), "retry"],
])("%s can be met by: %s", (error, remedy) => {
  expect(remedyOf(error)).toBe(remedy);
});

it("says a sentence for each login error, and one for those it does not know", () => {
  expect(sentenceOfLoginError("state_expired")).toBe(strings.loginError.state_expired);
  expect(sentenceOfLoginError("toString")).toBe(strings.loginErrorOther);
});
