/** The webhook function, by itself so that a storm of hooks cannot starve creators. */
import type { Context } from "aws-lambda";
import { handle, type LambdaEvent } from "hono/aws-lambda";
import { webhookDeps } from "./deps.ts";
import { createWebhookApp } from "./http/webhook-app.ts";

const deps = webhookDeps();
const serve = handle(createWebhookApp(deps));

export function handler(event: LambdaEvent, context: Context): ReturnType<typeof serve> {
  deps.log.begin(context);
  return serve(event, context);
}
