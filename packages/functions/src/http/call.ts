/**
 * A signed-in caller's request: the body, the session, and the rows that the request is about, these two in one read of the
 * table. Nothing is said of the rows, nor of the body, before the session is known to be alive and the caller's own.
 */
import { claimedUser, findSession } from "@clipcast/core/auth";
import { publicationKey } from "@clipcast/core/publications";
import { type Key, readAhead } from "@clipcast/core/table";
import type { Context } from "hono";
import type * as z from "zod/mini";
import { publicationRequest } from "../contract.ts";
import type { ApiDeps } from "../deps.ts";
import { readBody } from "./body.ts";
import { readSession } from "./session.ts";

export interface Call<Request> {
  userId: string;
  request: Request;
  /** Those of the API; its table has the rows at hand. */
  deps: ApiDeps;
}

export async function readCall<Request>(
  deps: ApiDeps,
  c: Context,
  options: {
    read(c: Context): Promise<Request>;
    rowsOf(userId: string, request: Request): Key[];
  },
): Promise<Call<Request>> {
  const cookie = readSession(c);
  const claimed = claimedUser(cookie);
  const [body] = await Promise.allSettled([options.read(c)]);
  // Begun before the session is asked for and in the same moment, so both go together.
  const keys =
    claimed !== null && body.status === "fulfilled" ? options.rowsOf(claimed, body.value) : [];
  const table = readAhead(deps.table, keys);
  const { userId } = await findSession(deps, cookie);
  if (body.status === "rejected") throw body.reason;
  return { userId, request: body.value, deps: { ...deps, table } };
}

/** A request that names one publication of the caller's, and perhaps more. */
export function aboutPublication<Request extends { publicationId: string }>(
  schema: z.core.$ZodType<Request>,
) {
  return {
    read: (c: Context) => readBody(c, schema),
    rowsOf: (userId: string, { publicationId }: Request) => [
      publicationKey({ userId, publicationId }),
    ],
  };
}

export const publicationCall = aboutPublication(publicationRequest);
