/**
 * TikTok of a simulated life: tasks, chunks and outcomes, by the rules of its reference and with moods of its own. It
 * keeps what the oracle needs: which bytes of which file each task has, and which tasks became posts.
 */
import { RetryableError } from "../src/errors/index.ts";
import type { PostSettings } from "../src/post/index.ts";
import type {
  ChunkOutcome,
  ChunkPlan,
  ChunkRequest,
  TaskStage,
  TikTokApi,
} from "../src/tiktok/index.ts";
import { createGrants, type Grants, type RatedCall, refused, tokenGraceMs } from "./grants.ts";
import type { Process } from "./process.ts";
import type { Scheduler } from "./scheduler.ts";
import { RangeBody } from "./stores.ts";

export interface Task {
  publishId: string;
  openId: string;
  /** No two files of a life have the same size, so this also says whose task it is. */
  bytes: number;
  plan: ChunkPlan;
  mode: PostSettings["mode"];
  urlDiesAtMs: number;
  receivedBytes: number;
  receivedAtMs: number;
  /** What it had before the latest chunk: what a lagging status still says. */
  receivedBefore: number;
  key: string | null;
  stage: TaskStage;
  failReason: string | null;
  postIds: string[];
}

export interface Outcome {
  afterMs: number;
  stage: TaskStage;
  failReason: string | null;
  /** Time from the post to its public id; null when it never gets one. */
  idAfterMs: number | null;
}

/** What TikTok feels like. Each is asked anew at each call. */
export interface Moods {
  accessSeconds: number;
  chunkBytesMax(): number;
  /** A refusal or a gateway's error instead of an answer. */
  refusal(call: string): string | null;
  /** An answer to a chunk that has nothing to do with the chunk. */
  chunkAnswer(): "429" | "503" | "416" | "403" | null;
  outcome(task: Task): Outcome;
  statusLagMs(): number;
  /** Whether a cancellation still comes in time. */
  cancels(): boolean;
  /** Whether an unfinished task whose URL has died is FAILED, or looks unfinished for ever. */
  failsExpired: boolean;
}

export interface SimTikTok {
  reachedBy(process: Process): TikTokApi;
  sendChunk(process: Process, request: ChunkRequest): Promise<ChunkOutcome>;
  grants: Grants;
  tasks: Task[];
  /** The creator takes the grant back on TikTok. */
  removeAuthorization(openId: string): void;
}

export interface TikTokHooks {
  report(violation: string): void;
  /** Before bytes are taken. */
  onBytes(process: Process, task: Task, firstByte: number): void;
  onPost(task: Task): void;
  hook(event: string, task: Task | null, openId: string): void;
}

const urlLifetimeMs = 3_600_000;

export function createSimTikTok(scheduler: Scheduler, moods: Moods, hooks: TikTokHooks): SimTikTok {
  const tasks: Task[] = [];
  const grants = createGrants(scheduler, { ...moods, report: hooks.report });
  const sim = { scheduler, moods, hooks, tasks, grants };
  return {
    tasks,
    grants,
    reachedBy: (process) => createApi(sim, process),
    sendChunk: async (process, request) => take(sim, process, request),
    removeAuthorization(openId) {
      grants.revoke(openId);
      for (const task of tasks) {
        if (task.openId === openId && task.stage === "uploading" && !isComplete(task)) {
          end(sim, task, "failed", "auth_removed");
        }
      }
      hooks.hook("authorization.removed", null, openId);
    },
  };
}

export function isComplete(task: Task): boolean {
  return task.receivedBytes === task.bytes;
}

interface Sim {
  scheduler: Scheduler;
  moods: Moods;
  hooks: TikTokHooks;
  tasks: Task[];
  grants: Grants;
}

function createApi(sim: Sim, process: Process): TikTokApi {
  const { grants, moods } = sim;
  const enter = (call: string, accessToken: string): string => {
    const rated: RatedCall | null = call === "init" || call === "status" ? call : null;
    const { openId, ageMs } = grants.enter(process, accessToken, rated);
    sulk(sim, call, { accessToken, ageMs });
    return openId;
  };
  const taskOf = (accessToken: string, publishId: string, call: string): Task => {
    const openId = enter(call, accessToken);
    const task = sim.tasks.find((other) => other.publishId === publishId);
    if (task?.openId !== openId) throw refused("invalid_publish_id");
    return task;
  };
  return {
    authorizeUrl: ({ state }) => `https://www.tiktok.invalid/?state=${state}`,
    async exchangeCode(code) {
      sulk(sim, "exchangeCode", null);
      return grants.grant(process, code.slice("code-".length));
    },
    async refresh(refreshToken) {
      sulk(sim, "refresh", null);
      return grants.refresh(process, refreshToken);
    },
    async revoke(accessToken) {
      grants.revoke(enter("revoke", accessToken));
    },
    async displayName(accessToken) {
      enter("displayName", accessToken);
      return "Demo Creator";
    },
    async creatorInfo(accessToken) {
      enter("creatorInfo", accessToken);
      return creator;
    },
    async init(accessToken, { post, bytes, plan }) {
      const openId = enter("init", accessToken);
      if (plan.chunkBytes > moods.chunkBytesMax()) throw refused("invalid_params");
      const publishId = `v_pub_file~v2-1.${sim.tasks.length + 1}`;
      sim.tasks.push(newTask(sim, { publishId, openId, bytes, plan, mode: post.mode }));
      return { publishId, uploadUrl: `https://upload.invalid/?upload_id=${publishId}` };
    },
    async status(accessToken, publishId) {
      const task = taskOf(accessToken, publishId, "status");
      const isLagging = sim.scheduler.nowMs() < task.receivedAtMs + moods.statusLagMs();
      const uploadedBytes = isLagging ? task.receivedBefore : task.receivedBytes;
      return {
        stage: task.stage,
        failReason: task.failReason,
        postIds: [...task.postIds],
        uploadedBytes,
      };
    },
    async cancel(accessToken, publishId) {
      const task = taskOf(accessToken, publishId, "cancel");
      if (task.stage !== "uploading" || !moods.cancels()) {
        throw refused("publish_not_cancellable");
      }
      end(sim, task, "failed", "publish_cancelled");
    },
  };
}

const creator = {
  nickname: "Demo Creator",
  username: "demo.creator",
  avatarUrl: null,
  privacyOptions: ["PUBLIC_TO_EVERYONE", "SELF_ONLY"],
  isCommentDisabled: false,
  isDuetDisabled: false,
  isStitchDisabled: false,
  maxDurationSec: 600,
};

function sulk(sim: Sim, call: string, token: { accessToken: string; ageMs: number } | null): void {
  const code = sim.moods.refusal(call);
  if (code === null) return;
  if (code === "access_token_invalid") {
    if (token === null || token.ageMs < tokenGraceMs) return;
    // A token that is dead stays dead.
    sim.grants.kill(token.accessToken);
  }
  if (code === "429") {
    throw new RetryableError("rate_limited", "TikTok asks to slow down.", { retryAfterMs: 60_000 });
  }
  if (code === "503") {
    throw new RetryableError("tiktok_unavailable", "TikTok gave no usable answer.", {
      retryAfterMs: 2_000,
    });
  }
  throw refused(code);
}

function newTask(
  sim: Sim,
  given: Pick<Task, "publishId" | "openId" | "bytes" | "plan" | "mode">,
): Task {
  const task: Task = {
    ...given,
    urlDiesAtMs: sim.scheduler.nowMs() + urlLifetimeMs,
    receivedBytes: 0,
    receivedAtMs: 0,
    receivedBefore: 0,
    key: null,
    stage: "uploading",
    failReason: null,
    postIds: [],
  };
  if (sim.moods.failsExpired) {
    sim.scheduler.later(urlLifetimeMs, () => {
      if (task.stage === "uploading" && !isComplete(task)) end(sim, task, "failed", "internal");
    });
  }
  return task;
}

function take(sim: Sim, process: Process, request: ChunkRequest): ChunkOutcome {
  const { moods, hooks } = sim;
  const { body, firstByte, lastByte } = request;
  if (!(body instanceof RangeBody)) throw new Error("a body of this simulation");
  if (body.isBroken) return { type: "unknown", reason: "WIRE_CLOSED" };
  const mood = moods.chunkAnswer();
  const publishId = new URL(request.uploadUrl).searchParams.get("upload_id");
  const task = sim.tasks.find((other) => other.publishId === publishId);
  if (task === undefined) return { type: "gone", httpStatus: 404 };
  body.consumed();
  if (mood === "403") task.urlDiesAtMs = Math.min(task.urlDiesAtMs, sim.scheduler.nowMs());
  if (mood === "429" || mood === "503") return { type: "unknown", reason: mood };
  if (mood === "416") return { type: "mismatch" };
  if (sim.scheduler.nowMs() >= task.urlDiesAtMs) return { type: "gone", httpStatus: 403 };
  if (body.firstByte !== firstByte || body.lastByte !== lastByte) {
    hooks.report("bytes: a body is not the range that its header names");
    return { type: "rejected", httpStatus: 400 };
  }
  const { chunkBytes, chunkCount } = task.plan;
  const isLast = firstByte === chunkBytes * (chunkCount - 1);
  const isPlanned = lastByte === (isLast ? task.bytes - 1 : firstByte + chunkBytes - 1);
  if (task.stage !== "uploading" || firstByte !== task.receivedBytes || !isPlanned) {
    return { type: "mismatch" };
  }
  hooks.onBytes(process, task, firstByte);
  if (task.key !== null && task.key !== body.key) hooks.report("bytes: one task has two files");
  task.key = body.key;
  task.receivedBefore = task.receivedBytes;
  task.receivedBytes = lastByte + 1;
  task.receivedAtMs = sim.scheduler.nowMs();
  if (isComplete(task)) digestVideo(sim, task);
  return { type: "accepted", isLast };
}

/** The task has every byte: from here on only TikTok decides. */
function digestVideo(sim: Sim, task: Task): void {
  const { afterMs, stage, failReason, idAfterMs } = sim.moods.outcome(task);
  sim.scheduler.later(afterMs, () => {
    if (task.stage !== "uploading") return;
    end(sim, task, stage, failReason);
    if (stage !== "published" || idAfterMs === null) return;
    sim.scheduler.later(idAfterMs, () => {
      task.postIds = [`76000000000000${task.bytes}`];
      sim.hooks.hook("post.publish.publicly_available", task, task.openId);
    });
  });
}

const hookByStage: Record<TaskStage, string> = {
  uploading: "",
  published: "post.publish.complete",
  in_inbox: "post.publish.inbox_delivered",
  failed: "post.publish.failed",
};

function end(sim: Sim, task: Task, stage: TaskStage, failReason: string | null): void {
  task.stage = stage;
  task.failReason = failReason;
  if (stage !== "failed") sim.hooks.onPost(task);
  sim.hooks.hook(hookByStage[stage], task, task.openId);
}
