/** Our client in Node, in a process of its own. */
import { createNodeClient, fileSource } from "@clipcast/client/node";
import { serveParent } from "../child.ts";
import { ownPeakRssBytes } from "../resources.ts";
import { goal } from "./goal.ts";
import { nodeJobSchema } from "./protocol.ts";

await serveParent(nodeJobSchema, async ({ siteUrl, path }) => {
  const client = createNodeClient({ baseUrl: siteUrl });
  const { contentType, ...rest } = goal;
  const source = await fileSource(path, { contentType });
  const before = process.cpuUsage();
  const startedMs = performance.now();
  await client.upload(source, rest).done;
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { seconds, cpuSeconds: (user + system) / 1e6, peakRssBytes: ownPeakRssBytes() };
});
