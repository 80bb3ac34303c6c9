/**
 * What SST does by programs of its own while it deploys, and what the template does instead: the router's store becomes
 * entries in the router's code, the copy of the page a custom resource of CDK's.
 */
import { z } from "zod";
import type { Plan, Resource } from "../../plan/plan.ts";
import { type Leaves, leavesOf } from "./leaves.ts";
import type { Mapping } from "./mapping.ts";
import type { TemplateResource } from "./synthesize.ts";

interface Provided {
  id: string;
  type: string;
  leaves: Leaves;
  mapping: Mapping;
}

const kinds = ["KvKeys", "KvRoutesUpdate", "BucketFiles", "DistributionInvalidation"];

export function isProvided({ name }: Resource): boolean {
  return kinds.some((kind) => name.endsWith(`.sst.aws.${kind}`));
}

function ofKind(plan: Plan, kind: string): Resource[] {
  return plan.resources.filter(({ name }) => name.endsWith(`.sst.aws.${kind}`));
}

const text = z.string();

/** The entries of each store, where the function that reads it has them. */
export function expectStore(plan: Plan): Provided[] {
  const type = "AWS::CloudFront::Function";
  const routers = plan.resources.filter(({ inputs }) => "keyValueStoreAssociations" in inputs);
  return routers.map(({ name, inputs }) => {
    const stores = z.array(text).parse(inputs.keyValueStoreAssociations);
    const readers = (kind: string) =>
      ofKind(plan, kind).filter(({ inputs: { store } }) => stores.includes(text.parse(store)));
    const routes = Map.groupBy(
      readers("KvRoutesUpdate"),
      ({ inputs }) => `${text.parse(inputs.namespace)}:${text.parse(inputs.key)}`,
    );
    const entries = {
      ...Object.fromEntries(
        [...routes].map(([key, all]) => [key, all.map(({ inputs: { entry } }) => entry)]),
      ),
      ...Object.fromEntries(
        readers("KvKeys").map(({ inputs }) => [
          `${text.parse(inputs.namespace)}:metadata`,
          z.object({ metadata: z.json() }).parse(inputs.entries).metadata,
        ]),
      ),
    };
    return { id: name, type, leaves: leavesOf({ Entries: entries }), mapping: { type } };
  });
}

const storeLines = /\nconst entries = (\{.*\});\nconst store = .*;(?=\n)/;

/** The router's code as SST wrote it, and the entries that were put into it. */
export function readStore({ Type, Properties }: TemplateResource): Record<string, unknown> {
  if (Type !== "AWS::CloudFront::Function") return {};
  const code = text.parse(Properties.FunctionCode);
  const entries = z.record(text, text).parse(JSON.parse(storeLines.exec(code)?.[1] ?? "{}"));
  const parsed = Object.entries(entries).map(([key, value]) => [
    key,
    value === "s3" ? value : JSON.parse(value),
  ]);
  return {
    FunctionCode: code.replace(storeLines, "").replaceAll("store.get(", "cf.kvs().get("),
    Entries: Object.fromEntries(parsed),
  };
}

const deployment: Mapping = {
  type: "Custom::CDKBucketDeployment",
  onlyInTemplate: {
    ServiceToken: "CDK's function",
    "SourceBucketNames.**": "Where CDK stages the page",
    "SourceObjectKeys.*": "Where CDK stages the page, by content",
    OutputObjectKeys: "What CDK's function answers",
  },
};

/** One copy for each caching rule. */
export function expectPage(plan: Plan): Provided[] {
  const [files] = ofKind(plan, "BucketFiles");
  const [invalidation] = ofKind(plan, "DistributionInvalidation");
  const rules = plan.system.site.cacheRules.map(({ files: glob, cacheControl }) => ({
    pattern: glob.replaceAll("**", "*"),
    cacheControl,
  }));
  const [everything, ...special] = rules;
  const common = {
    DestinationBucketName: files?.inputs.bucketName,
    RetainOnDelete: false,
  };
  const copies = special.map((rule, index) => ({
    id: `PageFiles${index}CustomResource`,
    properties: {
      ...common,
      SystemMetadata: { "cache-control": rule.cacheControl },
      Exclude: ["*"],
      Include: [rule.pattern],
      Prune: false,
      WaitForDistributionInvalidation: true,
    },
  }));
  const last = {
    id: "PageFilesCustomResource",
    properties: {
      ...common,
      SystemMetadata: { "cache-control": everything?.cacheControl },
      Exclude: special.map(({ pattern }) => pattern),
      Prune: files?.inputs.purge,
      DistributionId: invalidation?.inputs.distributionId,
      DistributionPaths: invalidation?.inputs.paths,
      WaitForDistributionInvalidation: invalidation?.inputs.wait,
    },
  };
  return [...copies, last].map(({ id, properties }) => ({
    id,
    type: deployment.type,
    mapping: deployment,
    leaves: leavesOf({ ...properties, DeletionPolicy: "Delete", UpdateReplacePolicy: "Delete" }),
  }));
}
