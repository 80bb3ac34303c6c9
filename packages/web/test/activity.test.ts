/** The publications on the page: begun, remembered, taken up again, cancelled. */
import {
  ApiError,
  type Client,
  type PublicationView,
  UploadError,
  type UploadHandle,
  type UploadState,
} from "@clipcast/client";
import { describe, expect, it } from "vitest";
import { remedyOf } from "../src/model/remedy.ts";
import { sentenceOfLoginError } from "../src/model/sentence.ts";
import { createActivity } from "../src/state/activity.ts";
import { fingerprintOf } from "../src/state/fingerprint.ts";
import { createMemory } from "../src/state/memory.ts";
import { strings } from "../src/strings.ts";

const file = new File(["0123456789"], "clip.mp4", { lastModified: 5 });
const upload = {
  file,
  contentType: "video/mp4",
  handle: null,
  accountId: "account-1",
  post: { mode: "inbox" },
  consent: { agreed: true, textVersion: "1" },
} as const;
const expired = { type: "", title: "", status: 401, code: "session_expired", detail: "Over." };
const settle = () => new Promise((resolve) => setImmediate(resolve));

function publication(status: PublicationView["status"]): PublicationView {
  return {
    id: "publication-1",
    accountId: "account-1",
    status,
    isSettled: ["published", "cancelled"].includes(status),
    file: { name: "clip.mp4", bytes: 10, contentType: "video/mp4" },
    post: { mode: "inbox" },
    createdAtMs: 1,
    updatedAtMs: 1,
    progress: { storedBytes: 0, relayedBytes: 0, totalBytes: 10 },
    waiting: null,
    failure: null,
    canRetry: false,
    isCancelRequested: false,
    postUrl: null,
    profileUrl: null,
    history: [],
  };
}

/** A client whose uploads move only when the test says so. */
function createStage(listed: PublicationView[] = []) {
  const goals: object[] = [];
  const stages: {
    tell: (change: Partial<UploadState>) => void;
    finish: (view: PublicationView) => void;
    fail: (error: unknown) => void;
  }[] = [];
  const data = new Map<string, string>();
  const remembered = Promise.withResolvers<void>();
  const storage = {
    getItem: (key: string) => data.get(key) ?? null,
    setItem: (key: string, value: string) => {
      data.set(key, value);
      remembered.resolve();
    },
  };
  let sessionEndCount = 0;
  const client = {
    api: {
      list: async () => ({ publications: listed, nextCursor: null }),
      cancel: async () => publication("cancelled"),
      status: async () => publication("cancelled"),
    },
    watch: async function* () {
      yield publication("published");
    },
    upload: (_file: unknown, goal: object): UploadHandle => {
      goals.push(goal);
      const listeners = new Set<(state: UploadState) => void>();
      const outcome = Promise.withResolvers<PublicationView>();
      outcome.promise.catch(() => {});
      const progress = {
        sentBytes: 0,
        confirmedBytes: 0,
        totalBytes: 10,
        resentBytes: 0,
        bytesPerSecond: null,
        secondsLeft: null,
      };
      let state: UploadState = {
        status: "starting",
        hold: null,
        publicationId: null,
        publication: null,
        progress,
        error: null,
      };
      const tell = (change: Partial<UploadState>) => {
        state = { ...state, ...change };
        for (const listener of listeners) listener(state);
      };
      stages.push({
        tell,
        finish: outcome.resolve,
        fail: (error) => {
          tell({ status: "failed", error });
          outcome.reject(error);
        },
      });
      return {
        get state() {
          return state;
        },
        done: outcome.promise,
        subscribe: (listener) => {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
        pause: () => tell({ status: "paused" }),
        resume: () => tell({ status: "uploading" }),
        abort: () => tell({ status: "aborted" }),
      };
    },
  } as unknown as Client;
  const memory = createMemory(storage);
  const activity = createActivity({ client, memory, onSessionOver: () => sessionEndCount++ });
  return {
    activity,
    memory,
    goals,
    stages,
    remembered: remembered.promise,
    sessionEnds: () => sessionEndCount,
  };
}

async function begin(stage: ReturnType<typeof createStage>) {
  const begun = stage.activity.begin(upload);
  stage.stages[0]?.tell({ status: "uploading", publication: publication("uploading") });
  await begun;
  await stage.remembered;
}

describe("beginning", () => {
  it("remembers the upload until storage has everything, then follows it to its end", async () => {
    const stage = createStage();
    await begin(stage);
    expect(stage.memory.recall("publication-1")).toMatchObject({
      name: "clip.mp4",
      bytes: 10,
      lastModifiedMs: 5,
    });
    expect(stage.activity.get().entries[0]?.upload?.status).toBe("uploading");
    stage.stages[0]?.finish(publication("queued"));
    await settle();
    expect(stage.memory.recall("publication-1")).toBeNull();
    expect(stage.activity.get().entries).toMatchObject([
      { view: { status: "published" }, upload: null },
    ]);
  });

  it("rejects with the refusal and shows nothing", async () => {
    const stage = createStage();
    const begun = stage.activity.begin(upload);
    stage.stages[0]?.fail(new UploadError("part_refused", "No."));
    await expect(begun).rejects.toMatchObject({ code: "part_refused" });
    expect(stage.activity.get().entries).toEqual([]);
  });
});

describe("an upload under way", () => {
  it("that is cancelled shows what the backend says, not its own last words", async () => {
    const stage = createStage();
    await begin(stage);
    await stage.activity.cancel("publication-1");
    stage.stages[0]?.tell({ status: "aborted" });
    expect(stage.activity.get().entries).toMatchObject([
      { view: { status: "cancelled" }, upload: null },
    ]);
    expect(stage.memory.recall("publication-1")).toBeNull();
  });

  it("that was cancelled in another tab shows that, and no error", async () => {
    const stage = createStage();
    await begin(stage);
    stage.stages[0]?.fail(new ApiError({ ...expired, status: 409, code: "not_uploading" }));
    await settle();
    expect(stage.activity.get().entries).toMatchObject([
      { view: { status: "cancelled" }, upload: null },
    ]);
  });

  it("that failed is tried again with the file at hand", async () => {
    const stage = createStage();
    await begin(stage);
    stage.stages[0]?.fail(new UploadError("attempts_exhausted", "Spent."));
    await settle();
    expect(stage.activity.tryAgain(publication("uploading"))).toBe(true);
    expect(stage.goals[1]).toMatchObject({ publicationId: "publication-1" });
  });

  it("ends the session on the page when the backend says that it is over", async () => {
    const stage = createStage();
    await begin(stage);
    stage.stages[0]?.fail(new ApiError(expired));
    await settle();
    expect(stage.sessionEnds()).toBe(1);
  });
});

describe("taking up an upload", () => {
  const view = publication("uploading");

  it("goes by the fingerprint where there is one", async () => {
    const stage = createStage();
    await begin(stage);
    const renamed = new File(["0123456789"], "renamed.mp4");
    const changed = new File(["0123456780"], "clip.mp4");
    expect(await stage.activity.takeUp(view, changed)).toBe(false);
    expect(stage.goals).toHaveLength(1);
    expect(await stage.activity.takeUp(view, renamed)).toBe(true);
    expect(stage.goals[1]).toMatchObject({ publicationId: "publication-1" });
  });

  it("goes by name and size in another browser", async () => {
    const { activity } = createStage();
    expect(await activity.takeUp(view, new File(["0123456789"], "other.mp4"))).toBe(false);
    expect(await activity.takeUp(view, new File(["012345678"], "clip.mp4"))).toBe(false);
    expect(await activity.takeUp(view, new File(["0123456789"], "clip.mp4"))).toBe(true);
  });
});

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

it("memory survives rubbish in the browser's storage", () => {
  for (const rubbish of ["{", "null", '[{"publicationId":1}]', "[null]"]) {
    const memory = createMemory({ getItem: () => rubbish, setItem: () => {} });
    expect(memory.recall("publication-1")).toBeNull();
  }
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
