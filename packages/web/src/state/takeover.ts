/**
 * Goes on with uploads that nobody in this browser is sending: after a reload, after a crash, or when the tab that did
 * it has closed.
 *
 *   listed as uploading ─▶ claim free? ─ no ─▶ shown as another tab's; waits for the claim
 *                               │ yes                        │ that tab closed
 *                               ▼                            ▼
 *             file at hand (lent, or by handle)? ─ yes ─▶ sends what storage lacks
 *                               │ no
 *                               ▼
 *                   lets go, and asks for permission or for the file
 *
 * Nothing is sent without the claim, so nothing is sent twice by two tabs.
 */
import type { Client, PublicationView } from "@clipcast/client";
import type { Picked } from "../model/picked.ts";
import type { Claim, Claims } from "./claims.ts";
import { type FileSource, nobody, type UploadLook } from "./entries.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { readHandle } from "./handles.ts";
import type { Memory } from "./memory.ts";
import type { Shelf } from "./shelf.ts";
import type { TabMessage } from "./tabs.ts";
import type { Uploads } from "./uploads.ts";

/** `busy`: another tab is uploading it. */
export type TakeUpAnswer = "taken" | "different" | "busy" | "denied";

export type Takeover = {
  /** Looks what can be done about an upload that the backend waits for. */
  discover(view: PublicationView): Promise<void>;
  takeUp(view: PublicationView, chosen: Picked): Promise<TakeUpAnswer>;
  /** With the remembered handle; the browser may ask, so call it during a click. */
  goOn(view: PublicationView): Promise<TakeUpAnswer>;
  onMessage(message: Extract<TabMessage, { type: "lend" | "look" }>): void;
};

/** A tab that only looks for a file lets its claim go within this. */
const claimPatienceMs = 3_000;

type TakeoverDeps = {
  client: Client;
  memory: Memory;
  claims: Claims;
  uploads: Uploads;
  shelf: Shelf;
  userId: string;
  /** Ends every wait; nothing is sent after it. */
  signal: AbortSignal;
};

export function createTakeover(deps: TakeoverDeps): Takeover {
  const { memory, claims, uploads, shelf, userId, signal } = deps;
  const lent = new Map<string, File>();
  const looked = new Map<string, UploadLook>();
  /** Being looked at, or waited for. */
  const busy = new Set<string>();

  const watchOther = async (publicationId: string) => {
    shelf.change(publicationId, {
      holder: "elsewhere",
      upload: looked.get(publicationId) ?? null,
    });
    const claim = await claims.wait(publicationId, signal);
    await succeed(deps, { publicationId, claim, lent: lent.get(publicationId) ?? null });
  };
  /** Once at a time for each publication, and no longer than the user stays. */
  const alone = async (publicationId: string, work: () => Promise<void>) => {
    if (busy.has(publicationId) || uploads.has(publicationId)) return;
    busy.add(publicationId);
    try {
      await work();
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      busy.delete(publicationId);
    }
  };
  const takeUp: Takeover["takeUp"] = async (view, chosen) => {
    const remembered = await memory.recall(userId, view.id);
    const fingerprint = remembered?.fingerprint ?? null;
    if (!(await isSame(view, chosen.file, fingerprint))) return "different";
    const patience = AbortSignal.any([signal, AbortSignal.timeout(claimPatienceMs)]);
    const claim = await claims.wait(view.id, patience).catch(() => null);
    if (claim === null) return "busy";
    if (signal.aborted) {
      claim.release();
      return "busy";
    }
    const handle = chosen.handle ?? remembered?.handle ?? null;
    const known = { publicationId: view.id, userId, fingerprint, handle };
    void memory.remember({ ...known, isPaused: false });
    uploads.send({ view, chosen, claim }, { isPaused: false });
    return "taken";
  };

  return {
    discover: (view) =>
      alone(view.id, async () => {
        const claim = await claims.take(view.id);
        if (claim === null) await watchOther(view.id);
        else await settle(deps, { view, claim, lent: lent.get(view.id) ?? null });
      }),
    takeUp,
    goOn: async (view) => {
      const handle = (await memory.recall(userId, view.id))?.handle ?? null;
      const answer = handle === null ? null : await readHandle(handle, { mayAsk: true });
      if (answer?.type === "file") return takeUp(view, { file: answer.file, handle });
      shelf.change(view.id, { source: answer?.type === "ask" ? "ask" : "none" });
      return "denied";
    },
    onMessage: (message) => {
      const { publicationId, type } = message;
      if (uploads.has(publicationId)) return;
      if (type === "look") looked.set(publicationId, message.look);
      else lent.set(publicationId, message.file);
      if (shelf.viewOf(publicationId)?.status !== "uploading") return;
      if (type === "look")
        shelf.change(publicationId, { holder: "elsewhere", upload: message.look });
      void alone(publicationId, () => watchOther(publicationId));
    },
  };
}

type Turn = { claim: Claim; lent: File | null };

/** The other tab has closed, or is through with it; without an answer the upload itself will find out. */
async function succeed(deps: TakeoverDeps, turn: Turn & { publicationId: string }): Promise<void> {
  const { client, shelf, signal } = deps;
  const { publicationId, claim } = turn;
  if (!(await isStillHere(deps))) return claim.release();
  const asked = await client.api.status(publicationId, { signal }).catch(() => null);
  const view = asked ?? shelf.viewOf(publicationId);
  if (view?.status === "uploading") return settle(deps, { ...turn, view });
  claim.release();
  if (view !== null) shelf.put(view, nobody);
}

/**
 * The other tab may have let go because its user signed out, and word of that may be slower than the claim. Asked of the
 * session itself, that is an ordinary answer, and an error on the console after any other question.
 */
async function isStillHere({ client, userId, signal }: TakeoverDeps): Promise<boolean> {
  const session = await client.api.session({ signal }).catch(() => null);
  // Without an answer the upload itself will find out.
  if (session === null) return !signal.aborted;
  return session.isSignedIn && session.me.userId === userId;
}

/** With the claim in hand: sends, or lets go and says what it needs. */
async function settle(deps: TakeoverDeps, turn: Turn & { view: PublicationView }): Promise<void> {
  const { memory, uploads, shelf, userId, signal } = deps;
  const { view, claim, lent } = turn;
  const remembered = await memory.recall(userId, view.id);
  const found: Found =
    lent !== null
      ? { chosen: { file: lent, handle: remembered?.handle ?? null }, source: "none" }
      : await findFile(view, remembered?.handle ?? null, remembered?.fingerprint ?? null);
  if (found.chosen === null || signal.aborted) {
    claim.release();
    shelf.change(view.id, { ...nobody, source: found.source });
    return;
  }
  const isPaused = remembered?.isPaused ?? false;
  uploads.send({ view, chosen: found.chosen, claim }, { isPaused });
}

type Found = { chosen: Picked | null; source: FileSource };

async function findFile(
  view: PublicationView,
  handle: FileSystemFileHandle | null,
  fingerprint: string | null,
): Promise<Found> {
  if (handle === null) return { chosen: null, source: "none" };
  const answer = await readHandle(handle, { mayAsk: false });
  if (answer.type === "ask") return { chosen: null, source: "ask" };
  if (answer.type === "gone") return { chosen: null, source: "none" };
  if (!(await isSame(view, answer.file, fingerprint))) return { chosen: null, source: "changed" };
  return { chosen: { file: answer.file, handle }, source: "none" };
}

/**
 * A quick look that spares the line; the upload itself compares what storage has. Without a fingerprint, as in another
 * browser, it goes by the name.
 */
async function isSame(
  view: PublicationView,
  file: File,
  fingerprint: string | null,
): Promise<boolean> {
  if (file.size !== view.file.bytes) return false;
  if (fingerprint === null) return file.name === view.file.name;
  return (await fingerprintOf(file).catch(() => null)) === fingerprint;
}
