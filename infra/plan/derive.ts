/**
 * Derives the typed system from the raw resources: which functions, tables, queues, buckets and keys there are, and
 * what connects them. Nothing is defaulted here that SST or AWS would decide otherwise; an input of another shape than
 * expected fails with the resource's name.
 */
import { z } from "zod";
import type { ChildOutput } from "./child.ts";
import { deriveFunctions } from "./derive-functions.ts";
import { deriveWatch } from "./derive-watch.ts";
import type { Resource } from "./plan.ts";
import { parseReference } from "./references.ts";
import * as Shapes from "./shapes.ts";
import { select } from "./shapes.ts";
import type { System } from "./system.ts";

type Input = ChildOutput & { stage: string; resources: Resource[] };

export function deriveSystem(input: Input): System {
  const { app, stage, resources, builds, sites } = input;
  const [site] = sites;
  if (site === undefined || sites.length > 1) throw new Error("The plan expects one static site");
  const functions = deriveFunctions(resources, builds);
  return {
    app,
    stage,
    functions,
    tables: select(resources, "aws:dynamodb/table:Table", Shapes.table),
    queues: select(resources, "aws:sqs/queue:Queue", Shapes.queue),
    buckets: deriveBuckets(resources),
    keys: select(resources, "aws:kms/key:Key", Shapes.key),
    eventSources: select(
      resources,
      "aws:lambda/eventSourceMapping:EventSourceMapping",
      Shapes.eventSource,
    ).sort((a, b) => (a.function < b.function ? -1 : 1)),
    schedules: select(resources, "aws:scheduler/schedule:Schedule", Shapes.schedule),
    routes: deriveRoutes(resources),
    apiPrefixes: select(resources, "pulumi-nodejs:dynamic:Resource", Shapes.edgeRoute)
      .flatMap(({ entry }) => (entry?.startsWith("url,") ? [entry.split(",")[3] ?? ""] : []))
      .sort(),
    site,
    ...deriveWatch(resources),
    links: deriveLinks(builds),
  };
}

/** Buckets of the application; the site's own bucket belongs to the site. */
function deriveBuckets(resources: Resource[]): System["buckets"] {
  const cors = select(
    resources,
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
    Shapes.cors,
  );
  const lifecycles = select(
    resources,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    Shapes.lifecycle,
  );
  const encryptions = select(
    resources,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    Shapes.encryption,
  );
  return resources
    .filter((resource) => resource.type === "sst:aws:Bucket" && resource.parent === null)
    .map(({ name }) => ({
      name,
      encrypted: encryptions.some((item) => item.bucket === name && item.rules.length > 0),
      corsRules: cors.filter((item) => item.bucket === name).flatMap((item) => item.corsRules),
      lifecycleRules: lifecycles
        .filter((item) => item.bucket === name)
        .flatMap((item) => item.rules),
    }));
}

function deriveRoutes(resources: Resource[]): System["routes"] {
  const integrations = select(
    resources,
    "aws:apigatewayv2/integration:Integration",
    Shapes.integration,
  );
  return select(resources, "aws:apigatewayv2/route:Route", Shapes.route)
    .map(({ routeKey, target }) => {
      const [method = "", path = ""] = routeKey.split(" ");
      const id = parseReference(target.replace("integrations/", ""))?.owner;
      const integration = integrations.find((candidate) => candidate.resource === id);
      if (integration === undefined) throw new Error(`Route ${routeKey} has no integration`);
      return { method, path, function: integration.integrationUri };
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What functions can read through SST's `Resource`. Not SST's own `App`, which every host adds from app and stage. */
function deriveLinks(builds: Input["builds"]): System["links"] {
  const properties = Object.assign({}, ...Object.values(builds).map((build) => build.links));
  return Object.fromEntries(
    Object.keys(properties)
      .sort()
      .map((name) => [name, z.looseObject({ type: z.string() }).parse(refer(properties[name]))]),
  );
}

function refer(value: unknown): unknown {
  const reference = parseReference(value);
  if (reference) return { ref: `${reference.owner}.${reference.attribute}` };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, refer(item)]));
}
