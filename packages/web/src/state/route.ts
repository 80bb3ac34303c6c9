/**
 * Which address the page stands at, and how to go to another without loading anything.
 *
 *   /            everything
 *   /p/ID        one publication
 *   /signed-in   where a sign-in in a window of its own comes back to
 */
import type { MouseEvent } from "react";
import { createStore, useStore } from "./store.ts";

export type Route =
  | { type: "home" }
  | { type: "publication"; publicationId: string }
  | { type: "signed_in" };

export const signedInPath = "/signed-in";

export function publicationPath(publicationId: string): string {
  return `/p/${encodeURIComponent(publicationId)}`;
}

export function routeOf(pathname: string): Route {
  if (pathname === signedInPath) return { type: "signed_in" };
  const found = /^\/p\/([^/]+)\/?$/.exec(pathname)?.[1];
  if (found === undefined) return { type: "home" };
  try {
    return { type: "publication", publicationId: decodeURIComponent(found) };
  } catch {
    return { type: "home" };
  }
}

const store = createStore<{ route: Route }>({ route: { type: "home" } });

/** Called once, when the page starts. */
export function startRoutes(): void {
  const read = () => store.set({ route: routeOf(location.pathname) });
  addEventListener("popstate", read);
  read();
}

export function useRoute(): Route {
  return useStore(store).route;
}

export function navigate(path: string): void {
  history.pushState(null, "", path);
  store.set({ route: routeOf(path) });
  scrollTo(0, 0);
}

/** For links: a plain click stays on the page, every other one is the browser's. */
export function follow(event: MouseEvent<HTMLAnchorElement>): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  event.preventDefault();
  navigate(event.currentTarget.pathname);
}
