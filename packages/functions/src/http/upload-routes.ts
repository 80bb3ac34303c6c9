/** The upload: begin, sign, resume, complete. The bytes themselves go to storage and never come here. */
import { findAccount } from "@clipcast/core/auth";
import { sendRelay } from "@clipcast/core/publishing";
import { begin, complete, signFirstParts, signParts, storedParts } from "@clipcast/core/uploads";
import { Hono } from "hono/tiny";
import * as z from "zod/mini";
import {
  type InitResponse,
  idempotencyKey,
  initRequest,
  type PartsResponse,
  type PublicationResponse,
  publicationRequest,
  type SignResponse,
  signRequest,
} from "../contract.ts";
import type { ApiDeps } from "../deps.ts";
import { accept, readBody } from "./body.ts";
import { problemResponse } from "./problems.ts";
import { type Env, signedIn } from "./session.ts";
import { publicationView } from "./views.ts";

export function uploadRoutes(deps: ApiDeps) {
  const routes = new Hono<Env>();

  routes.post("/upload-init", signedIn(deps), async (c) => {
    const request = await readBody(c, initRequest);
    const owner = { userId: c.get("userId"), openId: request.accountId };
    await findAccount(deps, owner);
    const { value } = await begin(deps, {
      ...owner,
      file: request.file,
      post: request.post,
      partBytes: request.plan?.partBytes,
      consentTextVersion: request.consent.textVersion,
      idempotencyKey: accept(z.nullable(idempotencyKey), c.req.header("idempotency-key") ?? null),
    });
    const { partBytes, partCount } = value.upload;
    const parts = request.plan ? await signFirstParts(deps, value, request.plan) : [];
    const answer: InitResponse = {
      publication: publicationView(value, deps),
      upload: { partBytes, partCount, parts },
    };
    return c.json(answer, 201);
  });

  routes.put("/upload-chunk", signedIn(deps), async (c) => {
    const request = await readBody(c, signRequest);
    const parts = await signParts(deps, { userId: c.get("userId"), ...request });
    const answer: SignResponse = { parts };
    return c.json(answer);
  });

  routes.post("/upload-parts", signedIn(deps), async (c) => {
    const request = await readBody(c, publicationRequest);
    const { publication, parts } = await storedParts(deps, {
      userId: c.get("userId"),
      ...request,
    });
    const { partBytes, partCount } = publication.upload;
    const answer: PartsResponse = {
      partBytes,
      partCount,
      parts: parts.map(({ partNumber, bytes, crc32 }) => ({ partNumber, bytes, crc32 })),
    };
    return c.json(answer);
  });

  routes.post("/upload-complete", signedIn(deps), async (c) => {
    const request = await readBody(c, publicationRequest);
    const result = await complete(
      { ...deps, sendRelay: (publication) => sendRelay(deps, publication) },
      { userId: c.get("userId"), ...request },
    );
    const publication = publicationView(result.publication, deps);
    if (result.type === "already-complete") {
      return problemResponse(c, {
        status: 409,
        code: "upload_already_complete",
        detail: "This upload is complete already; nothing was changed.",
        publication,
      });
    }
    const answer: PublicationResponse = { publication };
    return c.json(answer);
  });

  return routes;
}
