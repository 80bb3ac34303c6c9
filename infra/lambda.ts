/**
 * What every function has in common. Timeout, memory, links and permissions are each function's own.
 */

import { neverLoaded } from "./never-loaded.ts";
import { leaveOutSources } from "./source-maps.ts";

/** Where CloudWatch keeps what the functions report. */
export const metricsNamespace = "ClipCastPublish";

export const lambda = {
  runtime: "nodejs24.x",
  architecture: "arm64",
  logging: { format: "json", retention: "1 month" },
  nodejs: {
    format: "esm",
    minify: true,
    sourcemap: true,
    // Names of functions and classes are in the source maps; in the bundle they are a tenth of what a cold start reads.
    esbuild: { external: neverLoaded, keepNames: false },
  },
  hook: { postbuild: leaveOutSources },
  environment: {
    // Minified stack traces are useless in a log.
    NODE_OPTIONS: "--enable-source-maps",
    // Read by Powertools itself: https://docs.aws.amazon.com/powertools/typescript/latest/environment-variables/
    POWERTOOLS_SERVICE_NAME: $app.name,
    POWERTOOLS_METRICS_NAMESPACE: metricsNamespace,
  },
  transform: {
    role: (args) => {
      // SST's role trusts the whole account, which only `sst dev` needs.
      if ($dev) return;
      args.assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal({
        Service: "lambda.amazonaws.com",
      });
    },
  },
} satisfies Partial<sst.aws.FunctionArgs>;
