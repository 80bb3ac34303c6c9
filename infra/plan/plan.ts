/**
 * plan.json as a whole: the system, how its functions are bundled, and the raw resources behind it.
 *
 * Most readers want `readSystem` and nothing else. The raw resources are for whoever must know a detail that the
 * system leaves out (log retention, a role's policy, what production retains): the CDK stack and the invariants.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { systemSchema } from "./system.ts";

const buildSchema = z.object({
  /** `path/to/file.export`, from the project's root. */
  handler: z.string(),
  minify: z.boolean(),
  sourcemap: z.boolean(),
});

const resourceSchema = z.object({
  /** Pulumi's type: `aws:sqs/queue:Queue`; components start with `sst:`. */
  type: z.string(),
  name: z.string(),
  /** The parent's name; null at the top. */
  parent: z.string().nullable(),
  /**
   * What SST gives the provider. A value that only a deployment knows is `${Owner.attribute}`, also inside longer
   * strings; policies are objects instead of JSON text.
   */
  inputs: z.record(z.string(), z.json()),
  protect: z.boolean().default(false),
  retainOnDelete: z.boolean().default(false),
});

export const planSchema = z.object({
  system: systemSchema,
  /** By function name. */
  builds: z.record(z.string(), buildSchema),
  resources: z.array(resourceSchema),
});

export type Build = z.infer<typeof buildSchema>;
export type Resource = z.infer<typeof resourceSchema>;
export type Plan = z.infer<typeof planSchema>;

/** The committed plan: production, as `node infra/plan/main.ts` writes it. */
export const planFile = new URL("./plan.json", import.meta.url);

/** Reads and validates a plan file. Throws a zod error that names the wrong field. */
export function readPlan(path: URL | string = planFile): Plan {
  return planSchema.parse(JSON.parse(readFileSync(path, "utf8")));
}
