/** The rest of a publication's life: status, cancel, list. */
import { findOwn, listOwn } from "@clipcast/core/publications";
import { cancel, retry } from "@clipcast/core/publishing";
import { storedBytes as bytesInStorage } from "@clipcast/core/uploads";
import { Hono } from "hono/tiny";
import { type ListResponse, listQuery, type PublicationResponse } from "../contract.ts";
import type { ApiDeps } from "../deps.ts";
import { accept } from "./body.ts";
import { publicationCall, readCall } from "./call.ts";
import { type Env, signedIn } from "./session.ts";
import { publicationView } from "./views.ts";

export function publicationRoutes(deps: ApiDeps) {
  const routes = new Hono<Env>();

  routes.post("/tiktok/upload-status", async (c) => {
    const { userId, request, deps: ready } = await readCall(deps, c, publicationCall);
    const { publication, storedBytes } = await withStoredBytes(ready, { userId, ...request });
    const answer: PublicationResponse = {
      publication: publicationView(publication, { ...deps, storedBytes }),
    };
    return c.json(answer);
  });

  routes.post("/tiktok/publish-cancel", async (c) => {
    const { userId, request, deps: ready } = await readCall(deps, c, publicationCall);
    const publication = await cancel(ready, { userId, ...request });
    const answer: PublicationResponse = { publication: publicationView(publication, deps) };
    return c.json(answer);
  });

  routes.post("/tiktok/publish-retry", async (c) => {
    const { userId, request, deps: ready } = await readCall(deps, c, publicationCall);
    const publication = await retry(ready, { userId, ...request });
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
  const bytes = await bytesInStorage(deps, value);
  if (bytes !== null) return { publication: value, storedBytes: bytes };
  // Completed or cancelled since the record was read: its status has an answer all the same.
  return { publication: (await findOwn(deps, ids)).value, storedBytes: 0 };
}
