/**
 * What the tabs of one browser tell each other: who uploads what and how far it is, and who signed in or out.
 *
 * A tab lends its file to the others (a `File` may be posted, handle or not), so that any of them can go on when it
 * closes. Messages of other versions of this page are not understood and dropped.
 */
import type { UploadLook } from "./entries.ts";

export type TabMessage =
  /** Somebody has just arrived: whoever uploads introduces itself. */
  | { type: "hello"; userId: string }
  | { type: "lend"; userId: string; publicationId: string; file: File }
  | { type: "look"; userId: string; publicationId: string; look: UploadLook }
  /** To the tab that uploads it. */
  | { type: "steer"; userId: string; publicationId: string; command: SteerCommand }
  /** The backend's record changed by what this tab did. */
  | { type: "changed"; userId: string; publicationId: string }
  | { type: "signed_in"; userId: string }
  /** By hand: nothing of this user stays in any tab. */
  | { type: "signed_out"; userId: string };

export type SteerCommand = "pause" | "resume";

export type Tabs = {
  post(message: TabMessage): void;
  /** Messages of other tabs, never of this one. */
  subscribe(listener: (message: TabMessage) => void): () => void;
};

/** Raised when a message changes its meaning: tabs may be of different ages. */
const version = 1;

export function createTabs(channel: BroadcastChannel | null): Tabs {
  return {
    post: (message) => channel?.postMessage({ version, message }),
    subscribe: (listener) => {
      const onMessage = ({ data }: MessageEvent<unknown>) => {
        if (isOurs(data)) listener(data.message);
      };
      channel?.addEventListener("message", onMessage);
      return () => channel?.removeEventListener("message", onMessage);
    },
  };
}

/** Only this page posts to this origin's channel, so the version says all about the shape. */
function isOurs(data: unknown): data is { message: TabMessage } {
  return typeof data === "object" && data !== null && "version" in data && data.version === version;
}
