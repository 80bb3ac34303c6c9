/**
 * Everything for somebody who is signed in, in a chunk of its own: what a first visitor waits for stays small, and this is
 * fetched while the page asks who is there.
 */
import { createClient, type MeResponse } from "@clipcast/client";
import type { ReactNode } from "react";
import { Workspace } from "./components/workspace.tsx";
import { createActivity } from "./state/activity.ts";
import { createClaims } from "./state/claims.ts";
import { isUploading } from "./state/entries.ts";
import { createMemory } from "./state/memory.ts";
import type { Session } from "./state/session.ts";
import { followSession } from "./state/sign-in.ts";
import type { Stakes } from "./state/stake.ts";
import type { Tabs } from "./state/tabs.ts";

export type WorkbenchParts = { session: Session; tabs: Tabs; stakes: Stakes };
export type Workbench = (props: { me: MeResponse }) => ReactNode;

/** Looked up at each use: a browser that forbids storage throws at the very name, which the client puts up with. */
const linkMemory = {
  getItem: (key: string) => localStorage.getItem(key),
  setItem: (key: string, value: string) => localStorage.setItem(key, value),
};

let opened: Workbench | null = null;

/** The same one at every call: the uploads live as long as the page, whatever it shows. */
export function openWorkbench(parts: WorkbenchParts): Workbench {
  opened ??= createWorkbench(parts);
  return opened;
}

function createWorkbench({ session, tabs, stakes }: WorkbenchParts): Workbench {
  const client = createClient({ baseUrl: "", linkMemory });
  const activity = createActivity({
    client,
    memory: createMemory(globalThis.indexedDB),
    claims: createClaims(navigator.locks),
    tabs,
    nowMs: Date.now,
    onSessionOver: session.lose,
  });
  followSession(session, activity);
  stakes.add(() => ({ uploadCount: activity.get().entries.filter(isUploading).length }));
  return ({ me }) => <Workspace {...{ client, session, activity, stakes, me }} />;
}
