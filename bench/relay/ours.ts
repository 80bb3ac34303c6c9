/**
 * Ours: a video posted by our client, and the Relay function that the host runs for it: the bundle that is deployed, with
 * its lease, its checkpoints and its log. Time is the invocation's, as Lambda bills it; CPU and memory are its process's.
 */
import { createNodeClient } from "@clipcast/client/node";
import type { LocalHost } from "@clipcast/local";
import { logIn } from "../../packages/local/src/demo/login.ts";
import { publicPost } from "../../packages/local/src/demo/post.ts";
import { videoOf } from "../cut-through/creator.ts";
import { childrenOf, cpuSecondsOf, peakRssBytes, variablesOf } from "../resources.ts";
import type { Figures, HostInput } from "./protocol.ts";

/** Makes the function warm: a function that serves a video in a minute has served one before. */
const warmUpBytes = 1_000_000;
const patienceMs = 10 * 60_000;

/** Answers what relays one video under the given title, which the sink takes for the task's name. */
export async function createOurs(
  host: LocalHost,
  { bytes }: Pick<HostInput, "bytes">,
): Promise<(title: string) => Promise<Figures>> {
  const cookie = await logIn(host);
  const client = createNodeClient({ baseUrl: host.url, headers: { cookie } });
  const [account] = (await client.api.me()).accounts;
  if (account === undefined) throw new Error("the login brought no account");

  const relayOne = async (title: string, size: number): Promise<number> => {
    const invocations = watchInvocations(host);
    const { id } = await client.upload(videoOf(size), {
      accountId: account.id,
      post: publicPost(title),
      consent: { agreed: true, textVersion: "bench" },
    }).done;
    const durationMs = await invocations.until(async () => {
      const { status, failure } = await client.api.status(id);
      if (failure !== null) throw new Error(`the relay ended with ${failure.code}`);
      return status === "processing";
    });
    return durationMs / 1000;
  };
  await relayOne("warm-up", warmUpBytes);

  return async (title) => {
    const pid = relayPid();
    const before = cpuSecondsOf(pid);
    const seconds = await relayOne(title, bytes);
    if (relayPid() !== pid) throw new Error("the relay's process did not live through its work");
    return { seconds, cpuSeconds: cpuSecondsOf(pid) - before, peakRssBytes: peakRssBytes(pid) };
  };
}

/** Adds up the invocations of the relay from here on, until somebody is content after one. */
function watchInvocations(host: LocalHost) {
  let durationMs = 0;
  let wake = Promise.withResolvers<void>();
  const stop = host.subscribe(({ functionName, line }) => {
    const reported = /^REPORT .*\tDuration: ([\d.]+) ms/.exec(line)?.[1];
    if (functionName !== "Relay" || reported === undefined) return;
    durationMs += Number(reported);
    wake.resolve();
  });
  const late = setTimeout(() => wake.reject(new Error("the relay came to no end")), patienceMs);
  return {
    async until(isContent: () => Promise<boolean>): Promise<number> {
      try {
        for (;;) {
          await wake.promise;
          wake = Promise.withResolvers();
          if (await isContent()) return durationMs;
        }
      } finally {
        clearTimeout(late);
        stop();
      }
    },
  };
}

/** Of the one process that the host keeps for the function. */
function relayPid(): number {
  const pids = childrenOf(process.pid).filter(
    (pid) => variablesOf(pid).AWS_LAMBDA_FUNCTION_NAME === "Relay",
  );
  const [pid, ...others] = pids;
  if (pid === undefined || others.length > 0) throw new Error(`${pids.length} relays are alive`);
  return pid;
}
