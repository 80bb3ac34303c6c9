/** The webhook function, by itself so that a storm of hooks cannot starve creators. */
import { handle } from "hono/aws-lambda";
import { webhookDeps } from "./deps.ts";
import { createWebhookApp } from "./http/webhook-app.ts";

export const handler = handle(createWebhookApp(webhookDeps()));
