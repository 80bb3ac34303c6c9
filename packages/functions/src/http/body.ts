/** Checks what a caller sent. Anything else answers `invalid_request`, and nothing has happened yet. */
import { VisibleError } from "@clipcast/core/errors";
import type { Context } from "hono";
import { en } from "zod/locales";
import * as z from "zod/mini";

// What is wrong with a request is told in words; zod's small build has none of its own.
z.config(en());

/**
 * A request that is not the contract's. Only this answers 400: a zod error from anywhere else is about a row or an
 * answer of ours, and the caller is not to blame for it.
 */
export class InvalidRequest extends Error {
  readonly issues: z.core.$ZodIssue[];

  constructor(cause: z.core.$ZodError) {
    super("the request does not have the expected shape", { cause });
    this.name = "InvalidRequest";
    this.issues = cause.issues;
  }
}

export async function readBody<Schema extends z.core.$ZodType>(
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
  return accept(schema, body);
}

/** The value as the schema has it, wherever in the request it came from. */
export function accept<Schema extends z.core.$ZodType>(
  schema: Schema,
  value: unknown,
): z.infer<Schema> {
  const parsed = z.safeParse(schema, value);
  if (!parsed.success) throw new InvalidRequest(parsed.error);
  return parsed.data;
}
