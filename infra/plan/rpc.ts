/**
 * Stands in for the SST CLI, which components call over HTTP while they are composed: it names the bootstrap bucket
 * and bundles functions. The bundling is real, so that a wrong handler fails the plan.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { join } from "node:path";
import { z } from "zod";
import { neverLoaded } from "../never-loaded.ts";
import { bundleFunction } from "./bundle.ts";
import type { Build } from "./plan.ts";

/** A Runtime.Build call carries the function's links; a real one has a few kilobytes. */
const bodyBytesMax = 1_000_000;

export interface BuildRequest {
  build: Build;
  links: Record<string, Record<string, unknown>>;
}

const callSchema = z.object({ method: z.string(), params: z.tuple([z.unknown()]) });

const buildSchema = z.object({
  functionID: z.string(),
  handler: z.string(),
  runtime: z.string(),
  links: z.record(z.string(), z.record(z.string(), z.unknown())),
  // An option that bundle-options.ts does not know would bundle other code here than `sst deploy` does.
  properties: z.strictObject({
    architecture: z.string(),
    format: z.literal("esm"),
    minify: z.boolean(),
    sourcemap: z.boolean(),
    esbuild: z.strictObject({
      external: z
        .array(z.string())
        .refine((names) => names.join() === neverLoaded.join(), "not the names of never-loaded.ts"),
      keepNames: z.literal(false),
    }),
  }),
});

/** Listens on loopback; does not keep the process alive. `onBuild` hears of every function. */
export async function serveRpc(input: {
  root: string;
  workDir: string;
  onBuild: (name: string, request: BuildRequest) => void;
}): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    void reply(request, input).then((text) => response.end(text));
  });
  server.listen(0, "127.0.0.1").unref();
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("RPC server has no port");
  return { url: `http://127.0.0.1:${address.port}`, server };
}

/** Never rejects: a component that asks must hear what went wrong. */
async function reply(
  request: IncomingMessage,
  input: Parameters<typeof serveRpc>[0],
): Promise<string> {
  try {
    return JSON.stringify({ result: await answer(await readBody(request), input) });
  } catch (error) {
    return JSON.stringify({ error: error instanceof Error ? error.message : String(error) });
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) {
    body += chunk;
    if (body.length > bodyBytesMax) throw new Error("RPC call is too large");
  }
  return body;
}

async function answer(
  body: string,
  input: Parameters<typeof serveRpc>[0],
): Promise<Record<string, unknown>> {
  const call = callSchema.parse(JSON.parse(body));
  switch (call.method) {
    case "Provider.Aws.Bootstrap":
      return { asset: "sst-asset", state: "sst-state" };
    case "Runtime.Build": {
      const request = buildSchema.parse(call.params[0]);
      const { minify, sourcemap } = request.properties;
      const build = { handler: request.handler, minify, sourcemap };
      input.onBuild(request.functionID, { build, links: request.links });
      const out = join(input.workDir, "bundles", request.functionID);
      const bundle = await bundleFunction({ root: input.root, outDir: out, build });
      return { handler: bundle.handler, out, errors: [], sourcemaps: [] };
    }
    default:
      throw new Error(`rpc: can't find method ${call.method}`);
  }
}
