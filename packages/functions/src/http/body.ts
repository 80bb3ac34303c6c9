/** Reads and checks a JSON body. Anything else answers `invalid_request`, and nothing has happened yet. */
import { VisibleError } from "@clipcast/core/errors";
import type { Context } from "hono";
import type { z } from "zod";

export async function readBody<Schema extends z.ZodType>(
  c: Context,
  schema: Schema,
): Promise<z.infer<Schema>> {
  const text = await c.req.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new VisibleError("input", "invalid_request", "The body is not JSON.", { cause });
  }
  return schema.parse(body);
}
