// The byte upload server (fact sheet §7.4), straight on node:http. A chunk streams to disk at its offset
// while one digest per task runs along; no chunk is ever held in memory. A chunk that breaks is rolled
// back: its digest was a copy, and its bytes are overwritten by the next attempt. PUTs to one task wait
// for each other, so that a repeated chunk is judged by what the first attempt came to.

import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { sleep } from "../clock.ts";
import type { Sandbox } from "../context.ts";
import type { FaultPlan } from "../faults.ts";
import { logId, secretHash } from "../ids.ts";
import type { Task } from "../state.ts";
import * as Tasks from "../tasks.ts";
import { judgePut, type PutJudgement } from "./put-rules.ts";
import { drain, receiveChunk } from "./receive.ts";
import { inTurn, runtimeOf } from "./runtime.ts";

type Outcome = {
  /** null: the connection is closed without an answer. */
  status: number | null;
  rule: string | null;
};

export async function serveUpload(
  sandbox: Sandbox,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const atMs = sandbox.clock.nowMs();
  // A broken body takes the request's own reference to its socket with it.
  const { socket } = request;
  const task = findTask(sandbox, request);
  const subject = { publishId: task?.publishId, creator: task?.username };
  const plan = sandbox.faults.take("upload", subject);
  if (plan.delayMs > 0) await sleep(sandbox.clock, plan.delayMs);
  const outcome = await run(sandbox, request, task, plan);
  sandbox.log.add({
    atMs,
    operation: "upload",
    method: request.method ?? "",
    path: "/upload/",
    status: outcome.status,
    code: outcome.status === null ? "dropped" : String(outcome.status),
    rule: outcome.rule,
    message: null,
    fault: plan.id,
    clientKey: task?.clientKey ?? null,
    creator: task?.username ?? null,
    publishId: task?.publishId ?? null,
  });
  if (outcome.status === null) {
    socket.destroy();
    return;
  }
  const after = task === undefined ? undefined : sandbox.store.tasks.get(task.publishId);
  answer(sandbox, response, outcome.status, after);
}

async function run(
  sandbox: Sandbox,
  request: IncomingMessage,
  task: Task | undefined,
  { rule }: FaultPlan,
): Promise<Outcome> {
  if (rule?.kind === "drop-before") return { status: null, rule: null };
  if (rule?.kind === "status" && rule.when === "before") {
    return (await drain(request)) ? { status: rule.status, rule: null } : broken;
  }
  if (task === undefined) return refuseAfterBody(request, 404, "§7.4 no such upload task");
  if (request.method !== "PUT") return refuseAfterBody(request, 400, "§7.4 the method is PUT");
  const breakAfterBytes = rule?.kind === "drop-mid" ? rule.afterBytes : null;
  const outcome = await inTurn(sandbox, task, () => put(sandbox, request, task, breakAfterBytes));
  if (outcome === "crowded") {
    return refuseAfterBody(request, 416, "§7.1 chunks come in order, not at once");
  }
  if (rule?.kind === "drop-after") return { ...outcome, status: null };
  if (rule?.kind === "status" && outcome.status !== null)
    return { ...outcome, status: rule.status };
  return outcome;
}

const broken: Outcome = { status: null, rule: "§7.4 the connection broke off" };

async function put(
  sandbox: Sandbox,
  request: IncomingMessage,
  { publishId }: Task,
  breakAfterBytes: number | null,
): Promise<Outcome> {
  if (request.destroyed && !request.complete) return broken;
  const task = Tasks.current(sandbox, publishId);
  if (task === undefined) return refuseAfterBody(request, 404, "§7.4 no such upload task");
  const judgement = judgePut(task, headOf(request), {
    nowMs: sandbox.clock.nowMs(),
    repeatedChunk: sandbox.knobs.repeatedChunk,
  });
  switch (judgement.type) {
    case "refuse":
      return refuseAfterBody(request, judgement.status, judgement.rule);
    case "repeat": {
      const status = task.uploadedBytes === task.totalBytes ? 201 : 206;
      return (await drain(request)) ? { status, rule: null } : broken;
    }
    case "accept":
      return store(sandbox, request, task, judgement, breakAfterBytes);
  }
}

async function store(
  sandbox: Sandbox,
  request: IncomingMessage,
  task: Task,
  { chunk, bytes, contentType }: Extract<PutJudgement, { type: "accept" }>,
  breakAfterBytes: number | null,
): Promise<Outcome> {
  const runtime = await runtimeOf(sandbox, task);
  const hash = runtime.hash.copy();
  const received = await receiveChunk(sandbox, request, {
    path: Tasks.videoPath(sandbox, task),
    position: chunk.firstByte,
    bytes,
    hash,
    breakAfterBytes,
  });
  if (received === null) return broken;
  const before = Tasks.current(sandbox, task.publishId) ?? task;
  const stored = Tasks.apply(sandbox, before, {
    type: "chunkStored",
    contentType,
    chunk: { index: chunk.index, firstByte: chunk.firstByte, bytes, ...received },
  });
  if (stored === before)
    return { status: 403, rule: "§7.4 the task ended while the chunk arrived" };
  runtime.hash = hash;
  runtime.hashedBytes = stored.uploadedBytes;
  if (stored.uploadedBytes < stored.totalBytes) return { status: 206, rule: null };
  await Tasks.finishTransfer(sandbox, stored, hash.digest("hex"));
  return { status: 201, rule: null };
}

function headOf(request: IncomingMessage) {
  return {
    contentType: request.headers["content-type"]?.toLowerCase(),
    contentLength: request.headers["content-length"],
    contentRange: request.headers["content-range"],
  };
}

/** Refusals come after the body, as from behind a buffering gateway: a sender sees them for sure. */
async function refuseAfterBody(
  request: IncomingMessage,
  status: number,
  rule: string,
): Promise<Outcome> {
  return (await drain(request)) ? { status, rule } : broken;
}

function answer(
  sandbox: Sandbox,
  response: ServerResponse,
  status: number,
  task: Task | undefined,
): void {
  if (task !== undefined && (status === 206 || status === 201 || status === 416)) {
    const isIndex = sandbox.knobs.uploadedBytesMeaning === "last-index";
    const end = isIndex ? Math.max(0, task.uploadedBytes - 1) : task.uploadedBytes;
    response.setHeader("content-range", `bytes 0-${end}/${task.totalBytes}`);
  }
  if (sandbox.knobs.logIdHeader) response.setHeader("x-tt-logid", logId(sandbox.clock.nowMs()));
  response.writeHead(status, { "content-length": 0 }).end();
}

function findTask(sandbox: Sandbox, request: IncomingMessage): Task | undefined {
  const query = new URLSearchParams(request.url?.split("?")[1] ?? "");
  const uploadId = query.get("upload_id");
  const task = sandbox.store.tasks.all().find((candidate) => candidate.uploadId === uploadId);
  if (task === undefined || task.source !== "FILE_UPLOAD") return undefined;
  const given = Buffer.from(secretHash(query.get("upload_token") ?? ""));
  return timingSafeEqual(given, Buffer.from(task.uploadTokenHash)) ? task : undefined;
}
