/**
 * Lets the operator's command find this host while it runs: the same variables that functions get, and every queue besides,
 * since a deployed stage links them all to its operators too.
 */
import { announceHost } from "@clipcast/ops/running";
import { type Links, toVariables } from "./links.ts";
import type { Resources } from "./resources.ts";
import { region, type Services, toSdkVariables } from "./services.ts";

/** Answers how to be found no longer. */
export function announce(
  dir: string,
  { services, resources }: { services: Services; resources: Resources },
): () => void {
  const queues: Links = {};
  for (const [name, { url }] of resources.queueByName)
    queues[name] = { type: "sst.aws.Queue", url };
  const links = { ...queues, ...resources.links };
  return announceHost(dir, {
    AWS_REGION: region,
    ...toSdkVariables(services.endpoints),
    ...toVariables(links, Object.keys(links)),
  });
}
