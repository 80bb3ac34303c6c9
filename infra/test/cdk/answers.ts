/** The answers to cdk-nag that a stack's resources carry. */
import { type App, Validations } from "aws-cdk-lib";
import { z } from "zod";
import type { Finding } from "../../cdk/nag.ts";

export interface Answer {
  id: string;
  path: string;
  reason: string;
}

const answersSchema = z.record(z.string(), z.string());

export function listAnswers(app: App): Answer[] {
  return app.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries(answersSchema.parse(data)))
      // CDK files every answer under annotations.
      .map(([id, reason]) => ({ id: id.replace(/^annotation::/i, ""), path: node.path, reason })),
  );
}

export function explains({ id, path }: Answer, finding: Finding): boolean {
  return id === finding.id && `${finding.path}/`.startsWith(`${path}/`);
}
