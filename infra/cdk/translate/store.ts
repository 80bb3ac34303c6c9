/**
 * What SST puts into the router's key-value store while it deploys: the routes of the one origin, where each leads, and
 * which files the page has. Keys and values are SST's own, as its edge function reads them.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path/posix";
import { z } from "zod";
import type { Context } from "../context.ts";

const keysInputs = z.strictObject({
  entries: z.strictObject({ metadata: z.record(z.string(), z.json()) }),
  namespace: z.string(),
  purge: z.boolean(),
  store: z.string().transform(() => null),
});

const routesInputs = z.strictObject({
  entry: z.string(),
  key: z.string(),
  namespace: z.string(),
  store: z.string().transform(() => null),
});

/** The whole store: `namespace:key` → text. */
export function listEntries(context: Context): Record<string, string> {
  const { stack } = context;
  const ofKind = (kind: string) =>
    context.resources.filter(({ name }) => name.endsWith(`.sst.aws.${kind}`));
  const routes = ofKind("KvRoutesUpdate").map((route) => context.read(route, routesInputs));
  const byKey = Map.groupBy(routes, ({ namespace, key }) => `${namespace}:${key}`);
  const targets = ofKind("KvKeys").map((keys) => context.read(keys, keysInputs));
  return {
    ...Object.fromEntries(
      [...byKey].map(([key, entries]) => [key, JSON.stringify(entries.map(({ entry }) => entry))]),
    ),
    ...Object.assign(
      {},
      ...targets.map(({ namespace, entries: { metadata } }) => {
        const { s3 } = metadata;
        const isSite = typeof s3 === "object" && s3 !== null && !Array.isArray(s3);
        const { files, folders } = isSite ? listPage(context.artifacts.page) : emptyPage;
        return {
          [`${namespace}:metadata`]: stack.toJsonString(
            isSite ? { ...metadata, s3: { ...s3, routes: folders } } : metadata,
          ),
          ...Object.fromEntries(files.map((file) => [`${namespace}:${file}`, "s3"])),
        };
      }),
    ),
  };
}

const emptyPage = { files: [], folders: [] };

/** As SST's StaticSite does: files by name, folders as a whole, and what is in `.well-known` by name again. */
function listPage(folder: string): { files: string[]; folders: string[] } {
  const top = readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  const inside = top.filter((entry) => entry.isDirectory());
  const wellKnown = ".well-known";
  return {
    files: [
      ...top.filter((entry) => entry.isFile()).map(({ name }) => `/${name}`),
      ...(inside.some(({ name }) => name === wellKnown)
        ? readdirSync(join(folder, wellKnown)).map((name) => `/${wellKnown}/${name}`)
        : []),
    ],
    folders: inside.filter(({ name }) => name !== wellKnown).map(({ name }) => `/${name}`),
  };
}
