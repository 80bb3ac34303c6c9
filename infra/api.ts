/**
 * The HTTP side: one function for creators, one for TikTok's webhooks, so that a storm of hooks cannot starve
 * creators and the open endpoint holds only the rights it needs.
 */
import { sealLogins, sealTokens } from "./key.ts";
import { lambda } from "./lambda.ts";
import { checkQueue, sendChecks, sendWork } from "./queue.ts";
import { site } from "./router.ts";
import { tikTokClientKey, tikTokClientSecret } from "./secrets.ts";
import { settings } from "./settings.ts";
import { removeVideos, takeUploads } from "./storage.ts";
import { manageUsers, readTogether, table, useItems } from "./table.ts";
import { workerLinks } from "./worker.ts";

export const api = new sst.aws.Function("Api", {
  ...lambda,
  handler: "packages/functions/src/api.handler",
  description: "The API that creators' browsers and video products call",
  // A call to TikTok may take 20 s, gateway and router wait for 30: in between, a slow answer is ours to explain.
  timeout: "28 seconds",
  // Not for its size but for the CPU that comes with it: somebody waits for a cold start.
  memory: "512 MB",
  link: [...workerLinks, site, settings],
  permissions: [
    useItems,
    readTogether,
    manageUsers,
    ...takeUploads,
    ...removeVideos,
    sendWork,
    sealTokens,
    sealLogins,
  ],
});

export const webhook = new sst.aws.Function("Webhook", {
  ...lambda,
  handler: "packages/functions/src/webhook.handler",
  description: "Receives TikTok's webhooks: a hook only makes a publication due now",
  // One signature, one read, one write, one message. TikTok sends a hook again that was not answered.
  timeout: "10 seconds",
  memory: "256 MB",
  link: [table, checkQueue, tikTokClientKey, tikTokClientSecret],
  permissions: [useItems, sendChecks],
});

/** Reached through the router; same origin as the page, so it answers no cross-origin request. */
export const gateway = new sst.aws.ApiGatewayV2("Gateway", {
  cors: false,
  accessLog: { retention: "1 month" },
  transform: {
    // For each route on its own, so that a storm of hooks leaves creators their share. Even if an answer took a second,
    // a route could keep no more than a fifth of the 1,000 functions busy that an account runs, relays among them:
    // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    stage: { defaultRouteSettings: { throttlingRateLimit: 200, throttlingBurstLimit: 400 } },
  },
});

gateway.route("POST /api/tiktok/webhook", webhook.arn);
gateway.route("ANY /api/{proxy+}", api.arn);
