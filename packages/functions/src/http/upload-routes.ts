/** The upload: begin, sign, resume, complete. The bytes themselves go to storage and never come here. */
import { accountKey } from "@clipcast/core/auth";
import { sendRelay } from "@clipcast/core/publishing";
import {
  begin,
  claimKey,
  complete,
  signFirstParts,
  signParts,
  storedParts,
} from "@clipcast/core/uploads";
import type { Context } from "hono";
import { Hono } from "hono/tiny";
import * as z from "zod/mini";
import {
  type InitRequest,
  type InitResponse,
  idempotencyKey,
  initRequest,
  type PartsResponse,
  type PublicationResponse,
  type SignResponse,
  signRequest,
} from "../contract.ts";
import type { ApiDeps } from "../deps.ts";
import { accept, readBody } from "./body.ts";
import { aboutPublication, publicationCall, readCall } from "./call.ts";
import { problemResponse } from "./problems.ts";
import { publicationView } from "./views.ts";

export function uploadRoutes(deps: ApiDeps) {
  const routes = new Hono();

  routes.post("/upload-init", async (c) => {
    const { userId, request, deps: ready } = await readCall(deps, c, initCall);
    const { value } = await begin(ready, {
      userId,
      openId: request.accountId,
      file: request.file,
      post: request.post,
      partBytes: request.plan?.partBytes,
      consentTextVersion: request.consent.textVersion,
      idempotencyKey: request.idempotencyKey,
    });
    const { partBytes, partCount } = value.upload;
    const parts = request.plan ? await signFirstParts(deps, value, request.plan) : [];
    const answer: InitResponse = {
      publication: publicationView(value, deps),
      upload: { partBytes, partCount, parts },
    };
    return c.json(answer, 201);
  });

  routes.put("/upload-chunk", async (c) => {
    const { userId, request, deps: ready } = await readCall(deps, c, aboutPublication(signRequest));
    const parts = await signParts(ready, { userId, ...request });
    const answer: SignResponse = { parts };
    return c.json(answer);
  });

  routes.post("/upload-parts", async (c) => {
    const { userId, request, deps: ready } = await readCall(deps, c, publicationCall);
    const { publication, parts } = await storedParts(ready, { userId, ...request });
    const { partBytes, partCount } = publication.upload;
    const answer: PartsResponse = {
      partBytes,
      partCount,
      parts: parts.map(({ partNumber, bytes, crc32 }) => ({ partNumber, bytes, crc32 })),
    };
    return c.json(answer);
  });

  routes.post("/upload-complete", async (c) => {
    const { userId, request, deps: ready } = await readCall(deps, c, publicationCall);
    const result = await complete(
      { ...ready, sendRelay: (publication) => sendRelay(deps, publication) },
      { userId, ...request },
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

type InitCall = InitRequest & { idempotencyKey: string | null };

/** The body, and the header by which a repeat is known. */
const initCall = {
  async read(c: Context): Promise<InitCall> {
    const header = c.req.header("idempotency-key") ?? null;
    const request = await readBody(c, initRequest);
    return { ...request, idempotencyKey: accept(z.nullable(idempotencyKey), header) };
  },
  rowsOf(userId: string, { accountId, idempotencyKey: claim }: InitCall) {
    return [accountKey(userId, accountId), ...(claim === null ? [] : [claimKey(userId, claim)])];
  },
};
