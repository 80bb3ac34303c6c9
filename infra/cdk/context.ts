/**
 * What the pieces of the stack share: the plan, the code and the page that go with it, and the knowledge which
 * CloudFormation value stands behind a reference such as `${Table.arn}`.
 *
 * A resource keeps the plan's name as its logical id. References are resolved by that id alone, so that the order in
 * which resources are defined does not matter.
 */
import { type CfnResource, RemovalPolicy, SecretValue, type Stack, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { z } from "zod";
import type { Plan, Resource } from "../plan/plan.ts";
import { ownerName } from "../plan/references.ts";
import type { System } from "../plan/system.ts";
import { attributesByType } from "./attributes.ts";

/** Everything that is built rather than described. */
export interface Artifacts {
  /** Bundled code by function name. */
  bundles: Record<string, { directory: string; handler: string }>;
  /** The built page, a folder. */
  page: string;
}

export interface StackInput {
  plan: Plan;
  artifacts: Artifacts;
  /** Without them cdk-nag tells everything that it finds. */
  answers?: boolean;
}

const referencePattern = /\$\{(\w+)\.(\w+)\}/g;

export class Context {
  readonly stack: Stack;
  readonly system: System;
  readonly artifacts: Artifacts;
  readonly resources: Resource[];
  readonly #byOwner: Map<string, Resource>;
  readonly #answers: boolean;

  constructor(stack: Stack, input: StackInput) {
    const { plan, artifacts, answers = true } = input;
    this.#answers = answers;
    this.stack = stack;
    this.system = plan.system;
    this.artifacts = artifacts;
    this.resources = plan.resources;
    const byName = new Map(plan.resources.map((resource) => [resource.name, resource]));
    this.#byOwner = new Map(
      plan.resources
        .filter(({ type }) => type in attributesByType)
        .map((resource) => [ownerName(resource, byName), resource]),
    );
  }

  /** The resource's inputs. One that `schema` does not name would be lost, and throws; one that it drops needs no value. */
  read<T>(resource: Resource, schema: z.ZodType<T>): T {
    const parsed = schema.safeParse(resource.inputs);
    if (parsed.success) return this.resolve(parsed.data);
    throw new Error(
      `${resource.name} says what the stack does not: ${z.prettifyError(parsed.error)}`,
    );
  }

  /** What another resource of `type` says about the one that references call `owner`. */
  findAbout(type: string, key: string, value: string): Resource | undefined {
    return this.resources.find((other) => other.type === type && other.inputs[key] === value);
  }

  /** A name for what SST names by chance and CloudFormation wants named. Short: CloudFront takes 64 characters. */
  physicalName(purpose: string): string {
    return `${this.system.app}-${this.system.stage}-${purpose}`;
  }

  /** What the plan retains stays when the stack goes; everything else goes with it. */
  applyRemoval(target: CfnResource, resource: Resource): void {
    target.applyRemovalPolicy(
      resource.retainOnDelete ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    );
  }

  /** Answers findings of cdk-nag, by their full id, each with the reason why the resource is right as it is. */
  answer(target: IConstruct, reasonById: Record<string, string>): void {
    if (!this.#answers) return;
    for (const [id, reason] of Object.entries(reasonById)) {
      Validations.of(target).acknowledge({ id, reason });
    }
  }

  /** Replaces references in all strings of a value. */
  resolve<T>(value: T): T;
  resolve(value: unknown): unknown {
    if (typeof value === "string") {
      return value.replaceAll(referencePattern, (_, owner: string, attribute: string) =>
        this.value(owner, attribute),
      );
    }
    if (Array.isArray(value)) return value.map((item) => this.resolve(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.resolve(item)]),
    );
  }

  /** `Table`, `name` → what CloudFormation calls it. Throws for what the stack does not know. */
  value(owner: string, attribute: string): string {
    const { stack } = this;
    if (owner === "AWS") return attribute === "region" ? stack.region : stack.account;
    if (this.system.links[owner]?.type === "sst.sst.Secret") return this.#secret(owner);
    const resource = this.#byOwner.get(owner);
    const describe = resource && attributesByType[resource.type]?.[attribute];
    if (resource === undefined || describe === undefined) {
      throw new Error(`Nothing in the stack provides ${owner}.${attribute}`);
    }
    return describe(logicalId(resource), stack);
  }

  /** A dynamic reference: the template names the secret, CloudFormation reads it while deploying. */
  #secret(name: string): string {
    const { app, stage } = this.system;
    return SecretValue.secretsManager(`${app}/${stage}/${name}`).unsafeUnwrap();
  }
}

/** The plan's name, without what CloudFormation does not allow in an id. */
export function logicalId({ name }: Resource): string {
  return name.replaceAll(/\W/g, "");
}
