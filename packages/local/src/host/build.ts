/**
 * Makes functions and page out of the project's sources, saying what it does; both at once, since the
 * page's build is another process.
 */
import { join, resolve } from "node:path";
import type { System } from "@clipcast/infra/plan";
import type { SiteOptions } from "../gateway/site.ts";
import { type Functions, startFunctions } from "../lambda/functions.ts";
import type { CloseStack } from "./close-stack.ts";
import { toVariables } from "./links.ts";
import type { Resources } from "./resources.ts";
import { credentialsOf, region, type Services, toSdkVariables } from "./services.ts";
import { buildSite, type SiteBuild } from "./site-build.ts";

export async function buildFunctions(
  host: {
    system: System;
    /** What handlers' paths are relative to. */
    root: string;
    dir: string;
    services: Services;
    resources: Resources;
    /** Laid over what a function finds in its environment. */
    environment?: (functionName: string) => Record<string, string>;
    log(line: string): void;
    write(functionName: string, line: string): void;
  },
  stack: CloseStack,
): Promise<Functions> {
  let rebuiltCount = 0;
  const { endpoints } = host.services;
  const functions = await startFunctions({
    functions: host.system.functions,
    root: host.root,
    bundlesDir: join(host.dir, "bundles"),
    region,
    variablesFor: (spec) => ({
      ...toSdkVariables({ ...endpoints, ...credentialsOf(endpoints, spec.name) }),
      ...toVariables(host.resources.links, spec.links),
      ...host.environment?.(spec.name),
    }),
    onLine: host.write,
    onBuilt(_, isRebuilt) {
      rebuiltCount += isRebuilt ? 1 : 0;
    },
  });
  stack.defer(() => functions.close());
  host.log(`functions  ${host.system.functions.length} ready, ${rebuiltCount} of them built anew`);
  return functions;
}

export async function buildPage(
  system: System,
  root: string,
  log: (line: string) => void,
  stack: CloseStack,
): Promise<SiteOptions> {
  const { path, output, indexPage } = system.site;
  const dir = resolve(root, path);
  const outputDir = resolve(dir, output);
  const stopping = new AbortController();
  stack.defer(() => stopping.abort());
  const build: SiteBuild = await buildSite({
    dir,
    outputDir,
    indexPage,
    signal: stopping.signal,
    onBuild: () => log("page       is being built"),
  });
  const problem = build.outcome === "failed" ? build.problem : null;
  const words = { fresh: "is up to date", built: "built", failed: "could not be built" };
  log(`page       ${words[build.outcome]}${problem === null ? "" : `:\n${problem}`}`);
  return { outputDir, indexPage, problem: () => problem };
}
