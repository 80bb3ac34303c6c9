/// <reference path="./.sst/platform/config.d.ts" />

// The program that SST deploys, and the only description of the infrastructure: infra/plan evaluates it offline
// into infra/plan.json, which the local host and the CDK stack read. SST allows no imports at the top of this file.

export default $config({
  app(input) {
    const isProduction = input.stage === "production";
    return {
      name: "clipcast-publish",
      home: "aws",
      // A personal stage vanishes with `sst remove`; production keeps its data and refuses to be removed.
      removal: isProduction ? "retain" : "remove",
      protect: isProduction,
      providers: { aws: "7.20.0" },
    };
  },
  async run() {
    const { router } = await import("./infra/router.ts");
    const { api, webhook } = await import("./infra/api.ts");
    const { relay, relayDead } = await import("./infra/relay.ts");
    const { poller, check } = await import("./infra/poller.ts");
    await import("./infra/web.ts");
    await import("./infra/dashboard.ts");

    return {
      origin: router.url,
      api: api.name,
      webhook: webhook.name,
      relay: relay.name,
      relayDead: relayDead.name,
      poller: poller.name,
      check: check.name,
    };
  },
});
