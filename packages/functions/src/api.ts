/** The API function: Hono behind API Gateway. */
import type { Context } from "aws-lambda";
import { handle, type LambdaEvent } from "hono/aws-lambda";
import { apiDeps } from "./deps.ts";
import { createApp } from "./http/app.ts";

const deps = apiDeps();
const serve = handle(createApp(deps));

export function handler(event: LambdaEvent, context: Context): ReturnType<typeof serve> {
  deps.log.begin(context);
  return serve(event, context);
}
