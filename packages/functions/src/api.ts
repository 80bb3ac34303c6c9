/** The API function: Hono behind API Gateway. */
import { handle } from "hono/aws-lambda";
import { apiDeps } from "./deps.ts";
import { createApp } from "./http/app.ts";

export const handler = handle(createApp(apiDeps()));
