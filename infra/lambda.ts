/**
 * What every function has in common. Timeout, memory, links and permissions are each function's own.
 */
export const lambda = {
  runtime: "nodejs24.x",
  architecture: "arm64",
  logging: { format: "json", retention: "1 month" },
  nodejs: { format: "esm", minify: true, sourcemap: true },
  // Minified stack traces are useless in a log; the maps are only read when an error is printed.
  environment: { NODE_OPTIONS: "--enable-source-maps" },
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
