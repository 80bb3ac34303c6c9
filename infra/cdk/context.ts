/**
 * What the pieces of the stack share: the plan, and the knowledge which CloudFormation value stands behind a reference
 * such as `${Table.arn}`.
 */
import {
  CfnParameter,
  type CfnResource,
  RemovalPolicy,
  SecretValue,
  type Stack,
} from "aws-cdk-lib";
import type { z } from "zod";
import type { Plan, Resource } from "../plan/plan.ts";
import type { System } from "../plan/system.ts";

const referencePattern = /\$\{(\w+\.\w+)\}/g;

export class Context {
  readonly stack: Stack;
  readonly system: System;
  readonly #resources: Resource[];
  readonly #values = new Map<string, string>();

  constructor(stack: Stack, plan: Plan) {
    this.stack = stack;
    this.system = plan.system;
    this.#resources = plan.resources;
    this.#values.set("AWS.accountId", stack.account).set("AWS.region", stack.region);
  }

  /** The resource of `type` that belongs to `owner`. Throws when the plan has none. */
  resource(type: string, owner: string): Resource {
    const found = this.#resources.find(
      (resource) => resource.type === type && (resource.parent ?? resource.name) === owner,
    );
    if (found === undefined) throw new Error(`The plan has no ${type} for ${owner}`);
    return found;
  }

  /** The component behind the only resource of `type`. Throws when there are more, or none. */
  onlyOwner(type: string): string {
    const [only, ...others] = this.#resources.filter((resource) => resource.type === type);
    if (only === undefined || others.length > 0) throw new Error(`The plan expects one ${type}`);
    return only.parent ?? only.name;
  }

  /** The part of a resource's inputs that the system leaves out. */
  inputs<T>(type: string, owner: string, schema: z.ZodType<T>): T {
    return schema.parse(this.resource(type, owner).inputs);
  }

  /** Makes `${owner.attribute}` known. */
  provide(owner: string, attributes: Record<string, string>): void {
    for (const [attribute, value] of Object.entries(attributes)) {
      this.#values.set(`${owner}.${attribute}`, value);
    }
  }

  /** What the plan retains stays when the stack goes; everything else goes with it. */
  applyRemoval(target: CfnResource, resource: Resource): void {
    target.applyRemovalPolicy(
      resource.retainOnDelete ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    );
  }

  /** Replaces references in all strings of a value. */
  resolve<T>(value: T): T;
  resolve(value: unknown): unknown {
    if (typeof value === "string") {
      return value.replaceAll(referencePattern, (_, reference: string) => this.value(reference));
    }
    if (Array.isArray(value)) return value.map((item) => this.resolve(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.resolve(item)]),
    );
  }

  /** `Table.name` → what CloudFormation calls it. Throws for what the stack does not define (yet). */
  value(reference: string): string {
    const known = this.#values.get(reference) ?? this.#external(reference);
    if (known === undefined) throw new Error(`Nothing in the stack provides ${reference}`);
    this.#values.set(reference, known);
    return known;
  }

  #external(reference: string): string | undefined {
    const [owner = "", attribute] = reference.split(".");
    if (this.system.links[owner]?.type === "sst.sst.Secret") return this.#secret(owner);
    if (attribute !== "url") return undefined;
    // The router, until the stack serves the page itself.
    return new CfnParameter(this.stack, `${owner}Url`, {
      description: "Public https origin of the page, without a slash at the end",
      allowedPattern: "https://[^/]+",
    }).valueAsString;
  }

  /** A dynamic reference: the template names the secret, CloudFormation reads it while deploying. */
  #secret(name: string): string {
    const { app, stage } = this.system;
    return SecretValue.secretsManager(`${app}/${stage}/${name}`).unsafeUnwrap();
  }
}
