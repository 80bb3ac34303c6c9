/**
 * A host for one test: runs the function in the folder it is given, prints its process id, and then
 * waits to be killed.
 */
import { startFunctions } from "../../src/lambda/functions.ts";

const [dir = ""] = process.argv.slice(2);
const functions = await startFunctions({
  functions: [
    {
      name: "Pid",
      handler: "Pid.handler",
      timeoutSeconds: 60,
      memoryMb: 512,
      architecture: "arm64",
      runtime: "nodejs24.x",
      reservedConcurrency: null,
      environment: {},
      links: [],
      permissions: [],
      logRetentionDays: 30,
    },
  ],
  root: dir,
  bundlesDir: `${dir}/bundles`,
  region: "us-east-1",
  variablesFor: () => ({}),
  onLine: () => undefined,
});
console.log((await functions.invoke("Pid", Buffer.from("{}"))).payload.toString());
