/**
 * Listens to what an SST program registers with Pulumi, through Pulumi's own mocks.
 *
 * The mocks hide a resource's parent and its protect and retain options, and name children wrongly, so this replaces
 * those pieces of `MockMonitor`. It relies on that class of @pulumi/pulumi as SST 4.17.1 pins it.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Platform } from "./platform.ts";
import { type Attributes, answerCall, provideAttributes, provideStructures } from "./providers.ts";

export interface Registration {
  type: string;
  name: string;
  parent: string | null;
  inputs: Record<string, unknown>;
  attributes: Attributes;
  protect: boolean;
  retainOnDelete: boolean;
}

export interface Link {
  name: string;
  properties: Record<string, unknown>;
}

export interface Monitor {
  registrations: Registration[];
  links: Link[];
  run: (program: () => Promise<unknown>) => Promise<unknown>;
}

interface Request {
  getParent(): string;
  getType(): string;
  getName(): string;
  getCustom(): boolean;
  getProtect(): boolean;
  getRetainondelete(): boolean;
  getUrn(): string;
  getOutputs(): unknown;
}

type MonitorMethod = (this: unknown, request: Request, callback: unknown) => unknown;

interface Pulumi {
  runtime: {
    setMocks(
      mocks: unknown,
      app: string,
      stage: string,
      preview: boolean,
      org: string,
    ): Promise<void>;
    runInPulumiStack(program: () => Promise<unknown>): Promise<unknown>;
  };
}

interface PulumiInternals {
  mocks: {
    MockMonitor: {
      prototype: Record<"registerResource" | "registerResourceOutputs", MonitorMethod> & {
        newUrn(parent: string, type: string, name: string): string;
      };
    };
  };
  rpc: {
    deserializeProperties(properties: unknown): Record<string, unknown>;
    specialSigKey: string;
  };
}

/** Starts listening for one app and stage. Pulumi keeps its state in the process: use a process once. */
export async function startMonitor(
  platform: Platform,
  app: { name: string; stage: string },
): Promise<Monitor> {
  const load = createRequire(join(platform.folder, "package.json"));
  const pulumi: Pulumi = load("@pulumi/pulumi");
  const internals: PulumiInternals = {
    mocks: load("@pulumi/pulumi/runtime/mocks"),
    rpc: load("@pulumi/pulumi/runtime/rpc"),
  };
  const registrations: Registration[] = [];
  const links: Link[] = [];
  let current: Request | undefined;

  const prototype = internals.mocks.MockMonitor.prototype;
  prototype.newUrn = (parent, type, name) => `${urnPrefix(app, parent)}${type}::${name}`;
  const { registerResource, registerResourceOutputs } = prototype;
  prototype.registerResource = function (request, callback) {
    // The mocks are called before this returns, so `current` is always the request they are about.
    current = request;
    return registerResource.call(this, request, callback);
  };
  prototype.registerResourceOutputs = function (request, callback) {
    const { target, properties } = unwrapSecrets(
      internals.rpc.deserializeProperties(request.getOutputs()),
    ) as { target?: string; properties?: Record<string, unknown> };
    if (request.getUrn().includes("sst:sst:LinkRef::") && target && properties) {
      links.push({ name: target, properties });
    }
    return registerResourceOutputs.call(this, request, callback);
  };

  function newResource(args: { type: string; name: string; inputs: Record<string, unknown> }) {
    if (current === undefined) throw new Error(`Unexpected resource ${args.name}`);
    const inputs = unwrapSecrets(args.inputs) as Record<string, unknown>;
    const isComponent = !current.getCustom();
    const { id, attributes } = provideAttributes({ ...args, inputs });
    registrations.push({
      type: args.type,
      name: args.name,
      parent: parentName(current.getParent()),
      inputs,
      attributes: isComponent ? {} : attributes,
      protect: current.getProtect(),
      retainOnDelete: current.getRetainondelete(),
    });
    if (isComponent) return { id, state: args.inputs };
    const provided = Object.entries(attributes).map(([key, { value }]) => [key, value]);
    return {
      id: attributes.id?.value ?? id,
      state: {
        ...args.inputs,
        ...provideStructures({ ...args, inputs }),
        ...Object.fromEntries(provided),
      },
    };
  }

  function unwrapSecrets(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(unwrapSecrets);
    if (typeof value !== "object" || value === null) return value;
    if (internals.rpc.specialSigKey in value)
      return "value" in value ? unwrapSecrets(value.value) : null;
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, unwrapSecrets(v)]));
  }

  const mocks = {
    newResource,
    call: (args: { token: string; inputs: Record<string, unknown> }) =>
      answerCall(args.token, args.inputs),
  };
  await pulumi.runtime.setMocks(mocks, app.name, app.stage, false, "organization");
  return { registrations, links, run: (program) => pulumi.runtime.runInPulumiStack(program) };
}

/** A child's URN carries its parents' types, except the stack's. */
function urnPrefix(app: { name: string; stage: string }, parent: string): string {
  const parentType = parent.split("::")[2];
  const chain = parentType && parentType !== "pulumi:pulumi:Stack" ? `${parentType}$` : "";
  return `urn:pulumi:${app.stage}::${app.name}::${chain}`;
}

function parentName(urn: string): string | null {
  const [, , type, name] = urn.split("::");
  return type === undefined || name === undefined || type === "pulumi:pulumi:Stack" ? null : name;
}
