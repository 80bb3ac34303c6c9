/** Synthesizes a plan with stand-ins for what is built: code and page play no part in these tests. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { z } from "zod";
import { defineStack } from "../../cdk/stack.ts";
import type { Plan } from "../../plan/plan.ts";

const resourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.json()).default({}),
  DeletionPolicy: z.string().default("Delete"),
  UpdateReplacePolicy: z.string().default("Delete"),
});

const templateSchema = z.looseObject({ Resources: z.record(z.string(), resourceSchema) });

export type TemplateResource = z.infer<typeof resourceSchema>;
export type Resources = Record<string, TemplateResource>;

export function synthesize(plan: Plan, options: { answers?: boolean } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "clipcast-cdk-test-"));
  try {
    const app = new App({ outdir: join(folder, "cdk.out"), analyticsReporting: false });
    const stack = defineStack(app, { plan, artifacts: writeArtifacts(plan, folder), ...options });
    const template = Template.fromStack(stack);
    const { Resources } = templateSchema.parse(template.toJSON());
    return { app, stack, template, resources: Resources };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeArtifacts(plan: Plan, folder: string) {
  const bundles = plan.system.functions.map(({ name, handler }) => {
    const directory = join(folder, name);
    write(join(directory, "index.mjs"), `export const handler = "${name}";`);
    return [name, { directory, handler: handler.split("/").at(-1) ?? "" }] as const;
  });
  const page = join(folder, "page");
  write(join(page, "index.html"), "<!doctype html>");
  write(join(page, "assets", "index-C81FQ-zS.css"), "body {}");
  return { bundles: Object.fromEntries(bundles), page };
}

function write(file: string, text: string): void {
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
}
