/** The rest of a publication's life: status, cancel, list. */
import { VisibleError } from "@clipcast/core/errors";
import { findOwn, listOwn } from "@clipcast/core/publications";
import { cancel, retry } from "@clipcast/core/publishing";
import { storedParts } from "@clipcast/core/uploads";
import { Hono } from "hono/tiny";
import {
  type ListResponse,
  listQuery,
  type PublicationResponse,
  publicationRequest,
} from "../contract.ts";
import type { ApiDeps } from "../deps.ts";
import { accept, readBody } from "./body.ts";
import { type Env, signedIn } from "./session.ts";
import { publicationView } from "./views.ts";

export function publicationRoutes(deps: ApiDeps) {
  const routes = new Hono<Env>();

  routes.post("/tiktok/upload-status", signedIn(deps), async (c) => {
    const request = await readBody(c, publicationRequest);
    const ids = { userId: c.get("userId"), ...request };
    const { publication, storedBytes } = await withStoredBytes(deps, ids);
    const answer: PublicationResponse = {
      publication: publicationView(publication, { ...deps, storedBytes }),
    };
    return c.json(answer);
  });

  routes.post("/tiktok/publish-cancel", signedIn(deps), async (c) => {
    const request = await readBody(c, publicationRequest);
    const publication = await cancel(deps, { userId: c.get("userId"), ...request });
    const answer: PublicationResponse = { publication: publicationView(publication, deps) };
    return c.json(answer);
  });

  routes.post("/tiktok/publish-retry", signedIn(deps), async (c) => {
    const request = await readBody(c, publicationRequest);
    const publication = await retry(deps, { userId: c.get("userId"), ...request });
    const answer: PublicationResponse = { publication: publicationView(publication, deps) };
    return c.json(answer);
  });

  routes.get("/publications", signedIn(deps), async (c) => {
    const { limit, cursor } = accept(listQuery, c.req.query());
    const page = await listOwn(deps, { userId: c.get("userId"), limit, cursor: cursor ?? null });
    const answer: ListResponse = {
      publications: page.publications.map((publication) => publicationView(publication, deps)),
      nextCursor: page.nextCursor,
    };
    return c.json(answer);
  });

  return routes;
}

/** Only storage knows how much of an open upload has arrived. */
async function withStoredBytes(deps: ApiDeps, ids: { userId: string; publicationId: string }) {
  const { value } = await findOwn(deps, ids);
  if (value.status !== "uploading" || value.upload.uploadId === null) {
    return { publication: value, storedBytes: 0 };
  }
  try {
    const { publication, parts } = await storedParts(deps, ids);
    return { publication, storedBytes: parts.reduce((sum, part) => sum + part.bytes, 0) };
  } catch (error) {
    if (!(error instanceof VisibleError) || error.code !== "not_uploading") throw error;
    // Completed or cancelled between the two reads: its status has an answer all the same.
    return { publication: (await findOwn(deps, ids)).value, storedBytes: 0 };
  }
}
