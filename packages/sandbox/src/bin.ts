// The sandbox from the command line: one app, one directory, one address. Ends at once on Ctrl-C.

import { parseArgs } from "node:util";
import { startSandbox } from "./index.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "4390" },
    dir: { type: "string", default: ".sandbox" },
    "client-key": { type: "string", default: "sbawsandboxclient01" },
    "client-secret": { type: "string", default: "sandbox-client-secret" },
    "redirect-uri": { type: "string", multiple: true, default: [] },
    "webhook-url": { type: "string" },
    unaudited: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) {
  console.log(`Usage: start [--port 4390] [--dir .sandbox] [--client-key KEY] [--client-secret SECRET]
             [--redirect-uri URI]… [--webhook-url URL] [--unaudited]

With no --redirect-uri, every address on localhost is accepted as a redirect URI.`);
  process.exit(0);
}

const hasRedirects = values["redirect-uri"].length > 0;
try {
  const sandbox = await startSandbox({
    port: Number(values.port),
    dir: values.dir,
    apps: [
      {
        clientKey: values["client-key"],
        clientSecret: values["client-secret"],
        redirectUris: values["redirect-uri"],
        webhookUrl: values["webhook-url"] ?? null,
        isAudited: !values.unaudited,
      },
    ],
    knobs: { anyLoopbackRedirect: !hasRedirects },
  });
  console.log(`TikTok sandbox  ${sandbox.url}`);
  console.log(`client key      ${values["client-key"]}`);
  console.log(`client secret   ${values["client-secret"]}`);
  const stop = () => void sandbox.close().then(() => process.exit(0));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
} catch (error) {
  const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  if (!isTaken) throw error;
  console.error(`Port ${values.port} is taken: end what uses it, or choose another with --port.`);
  process.exit(1);
}
