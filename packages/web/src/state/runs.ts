/**
 * The uploads under way in this tab, each from its start to the moment its claim is let go: shown here, told to the
 * other tabs, and lent to them, so that one of them can go on.
 */
import { ApiError, type PublicationView, UploadError, type UploadHandle } from "@clipcast/client";
import { createPace } from "../model/pace.ts";
import type { Picked } from "../model/picked.ts";
import type { Claim } from "./claims.ts";
import { lookOf, type UploadLook } from "./entries.ts";
import { isSessionOver } from "./session.ts";
import type { Shelf } from "./shelf.ts";
import type { Tabs } from "./tabs.ts";

/** What is uploaded, from where, and by what right. */
export type RunGoal = { view: PublicationView; chosen: Picked; claim: Claim };
export type Run = RunGoal & { handle: UploadHandle; look: UploadLook; hide: () => void };

export type Runs = {
  get(publicationId: string): Run | undefined;
  all(): Run[];
  attach(goal: RunGoal, handle: UploadHandle): void;
  /** Ends it and frees the claim: from here on another tab may go on. */
  end(publicationId: string): void;
  /** Tells a tab that has just arrived. */
  introduce(): void;
};

export type RunsDeps = {
  tabs: Tabs;
  shelf: Pick<Shelf, "put">;
  userId: string;
  nowMs: () => number;
  onComplete: (view: PublicationView) => void;
  /** Storage or the backend takes no more of it: something ended it elsewhere. */
  onOver: (publicationId: string) => void;
  onSessionOver: () => void;
};

export function createRuns(deps: RunsDeps): Runs {
  const { tabs, shelf, userId } = deps;
  const runs = new Map<string, Run>();
  const tell = (publicationId: string, look: UploadLook) =>
    tabs.post({ type: "look", userId, publicationId, look });
  const lend = ({ view, chosen }: RunGoal) =>
    tabs.post({ type: "lend", userId, publicationId: view.id, file: chosen.file });
  const end = (publicationId: string) => {
    const run = runs.get(publicationId);
    runs.delete(publicationId);
    // Its last words must not cover what the backend says now.
    run?.hide();
    run?.handle.abort();
    run?.claim.release();
  };
  return {
    get: (publicationId) => runs.get(publicationId),
    all: () => [...runs.values()],
    end,
    attach: (goal, handle) => {
      const { view } = goal;
      runs.get(view.id)?.hide();
      const pace = createPace(deps.nowMs);
      const show = () => {
        const wasHeld = run.look.held;
        const { bytesPerSecond, sentBytes, totalBytes } = handle.state.progress;
        const leftBytes = totalBytes - sentBytes;
        run.look = lookOf(handle.state, pace.read({ bytesPerSecond, leftBytes }));
        shelf.put(view, { upload: run.look, holder: "here", source: "unknown" });
        tell(view.id, run.look);
        if (run.look.held === "session_expired" && wasHeld !== "session_expired") {
          deps.onSessionOver();
        }
      };
      const run: Run = {
        ...goal,
        handle,
        look: lookOf(handle.state, null),
        hide: handle.subscribe(show),
      };
      runs.set(view.id, run);
      lend(run);
      show();
      handle.done.then(
        (publication) => {
          end(view.id);
          deps.onComplete(publication);
        },
        // The card tells what happened, from the last state.
        (error: unknown) => {
          if (runs.get(view.id) !== run) return;
          if (isSessionOver(error)) deps.onSessionOver();
          else if (isOver(error)) deps.onOver(view.id);
        },
      );
    },
    introduce: () => {
      for (const run of runs.values()) {
        lend(run);
        tell(run.view.id, run.look);
      }
    },
  };
}

function isOver(error: unknown): boolean {
  if (error instanceof ApiError) return error.code === "not_uploading";
  return error instanceof UploadError && error.code === "upload_gone";
}
