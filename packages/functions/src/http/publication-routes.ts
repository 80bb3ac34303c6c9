/** The rest of a publication's life: status, cancel, list. */
import { findOwn, listOwn } from "@clipcast/core/publications";
import { cancel } from "@clipcast/core/publishing";
import { storedParts } from "@clipcast/core/uploads";
import { Hono } from "hono";
import {
  type ListResponse,
  listQuery,
  type PublicationResponse,
  publicationRequest,
} from "../contract.ts";
import type { ApiDeps } from "../deps.ts";
import { readBody } from "./body.ts";
import { type Env, signedIn } from "./session.ts";
import { publicationView } from "./views.ts";

export function publicationRoutes(deps: ApiDeps) {
  const routes = new Hono<Env>();

  routes.post("/tiktok/upload-status", signedIn(deps), async (c) => {
    const request = await readBody(c, publicationRequest);
    const ids = { userId: c.get("userId"), ...request };
    const { value } = await findOwn(deps, ids);
    // Only storage knows how much of an open upload has arrived.
    const isOpen = value.status === "uploading" && value.upload.uploadId !== null;
    const parts = isOpen ? (await storedParts(deps, ids)).parts : [];
    const storedBytes = parts.reduce((sum, part) => sum + part.bytes, 0);
    const answer: PublicationResponse = {
      publication: publicationView(value, { ...deps, storedBytes }),
    };
    return c.json(answer);
  });

  routes.post("/tiktok/publish-cancel", signedIn(deps), async (c) => {
    const request = await readBody(c, publicationRequest);
    const publication = await cancel(deps, { userId: c.get("userId"), ...request });
    const answer: PublicationResponse = { publication: publicationView(publication, deps) };
    return c.json(answer);
  });

  routes.get("/publications", signedIn(deps), async (c) => {
    const { limit, cursor } = listQuery.parse(c.req.query());
    const page = await listOwn(deps, { userId: c.get("userId"), limit, cursor: cursor ?? null });
    const answer: ListResponse = {
      publications: page.publications.map((publication) => publicationView(publication, deps)),
      nextCursor: page.nextCursor,
    };
    return c.json(answer);
  });

  return routes;
}
