/**
 * TikTok in memory: enough of its rules to catch a relay that breaks them. Chunks must come in order and in the planned
 * size, an upload URL lives an hour, tokens die, and a post exists from the moment in which the last byte has arrived.
 */
import { createHash } from "node:crypto";
import type { PostSettings } from "../post/index.ts";
import type { Clock } from "../system/index.ts";
import {
  type ChunkOutcome,
  type ChunkPlan,
  type ChunkRequest,
  type CreatorInfo,
  type TaskStatus,
  type TikTokApi,
  TikTokRefusal,
  type TokenPair,
} from "../tiktok/index.ts";
import { BrokenConnection } from "../wire/index.ts";
import { bytesOf } from "./streams.ts";

export interface FakeTask {
  publishId: string;
  openId: string;
  bytes: number;
  plan: ChunkPlan;
  post: PostSettings;
  createdAtMs: number;
  received: Buffer[];
  receivedBytes: number;
  stage: TaskStatus["stage"];
  failReason: string | null;
  postIds: string[];
}

export interface FakeTikTok {
  api: TikTokApi;
  sendChunk(request: ChunkRequest): Promise<ChunkOutcome>;
  tasks: FakeTask[];
  /** SHA-256 of what a task has received. */
  sha256(task: FakeTask): string;
  creator: CreatorInfo;
  /** Largest chunk that init accepts; smaller than the file's chunk means `invalid_params`. */
  rules: { chunkBytesMax: number; processesAtOnce: boolean };
  /** Makes the next call of this name fail before it does anything. */
  refuseNext(call: keyof TikTokApi, code: string): void;
  /** Outcomes for the next chunks; `lose` applies the bytes and loses the answer. */
  chunkScript: (ChunkOutcome | "lose")[];
  /** Ends processing of a task. */
  finish(
    task: FakeTask,
    outcome: { stage: TaskStatus["stage"]; failReason?: string; postIds?: string[] },
  ): void;
  /** Kills every access token that is out. */
  expireTokens(): void;
  refreshes: number;
  initsRefusedForChunks: number;
}

/** Everything of the fake but the calls that read it. */
type FakeState = Omit<FakeTikTok, "api">;

const urlLifetimeMs = 3_600_000;

export function createFakeTikTok(deps: { clock: Clock }): FakeTikTok {
  const refusals: { call: keyof TikTokApi; code: string }[] = [];
  const tokens: Tokens = { generation: 1 };

  const enter: Enter = (call, accessToken) => {
    const index = refusals.findIndex((refusal) => refusal.call === call);
    const refusal = refusals[index];
    if (refusal !== undefined) {
      refusals.splice(index, 1);
      throw refused(refusal.code);
    }
    if (accessToken !== null && !accessToken.endsWith(`.${tokens.generation}`)) {
      throw refused("access_token_invalid");
    }
  };

  const fake: FakeState = {
    tasks: [],
    chunkScript: [],
    refreshes: 0,
    initsRefusedForChunks: 0,
    rules: { chunkBytesMax: 64_000_000, processesAtOnce: false },
    creator: {
      nickname: "Demo Creator",
      username: "demo.creator",
      avatarUrl: null,
      privacyOptions: ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
      isCommentDisabled: false,
      isDuetDisabled: false,
      isStitchDisabled: false,
      maxDurationSec: 600,
    },
    sha256: (task) => createHash("sha256").update(Buffer.concat(task.received)).digest("hex"),
    refuseNext: (call, code) => {
      refusals.push({ call, code });
    },
    finish(task, { stage, failReason, postIds }) {
      task.stage = stage;
      task.failReason = failReason ?? null;
      task.postIds = postIds ?? [];
    },
    expireTokens: () => {
      tokens.generation += 1;
    },
    sendChunk: (request) => sendChunk(deps.clock, fake, request),
  };
  const api = { ...loginCalls(fake, tokens, enter), ...publishCalls(deps.clock, fake, enter) };
  // One object: a test that changes `rules` or `tasks` changes what the calls see.
  return Object.assign(fake, { api });
}

/** Which tokens are alive: those of the latest generation. */
interface Tokens {
  generation: number;
}
/** Begins a call: throws what was ordered for it, or that the token is dead. */
type Enter = (call: keyof TikTokApi, accessToken: string | null) => void;

function loginCalls(
  fake: FakeState,
  tokens: Tokens,
  enter: Enter,
): Pick<TikTokApi, "authorizeUrl" | "exchangeCode" | "refresh" | "revoke"> {
  return {
    authorizeUrl: ({ state }) => `https://www.tiktok.invalid/authorize?state=${state}`,
    async exchangeCode(code) {
      enter("exchangeCode", null);
      return pairOf(tokens, code.replace("code-", ""));
    },
    async refresh(refreshToken) {
      enter("refresh", null);
      fake.refreshes += 1;
      tokens.generation += 1;
      return pairOf(tokens, refreshToken.split(".")[1] ?? "");
    },
    async revoke(accessToken) {
      enter("revoke", accessToken);
    },
  };
}

function publishCalls(
  clock: Clock,
  fake: FakeState,
  enter: Enter,
): Pick<TikTokApi, "displayName" | "creatorInfo" | "init" | "status" | "cancel"> {
  return {
    async displayName(accessToken) {
      enter("displayName", accessToken);
      return fake.creator.nickname;
    },
    async creatorInfo(accessToken) {
      enter("creatorInfo", accessToken);
      return fake.creator;
    },
    async init(accessToken, { post, bytes, plan }) {
      enter("init", accessToken);
      if (plan.chunkBytes > fake.rules.chunkBytesMax) {
        fake.initsRefusedForChunks += 1;
        throw refused("invalid_params");
      }
      const publishId = `v_pub_file~v2-1.${fake.tasks.length + 1}`;
      const openId = accessToken.split(".")[1] ?? "";
      fake.tasks.push(newTask(clock, { publishId, openId, post, bytes, plan }));
      return { publishId, uploadUrl: `https://upload.invalid/?upload_id=${publishId}` };
    },
    async status(accessToken, publishId) {
      enter("status", accessToken);
      const task = fake.tasks.find((other) => other.publishId === publishId);
      if (task === undefined) throw refused("invalid_publish_id");
      const { stage, failReason, postIds, receivedBytes } = task;
      return { stage, failReason, postIds, uploadedBytes: receivedBytes };
    },
    async cancel(accessToken) {
      enter("cancel", accessToken);
      throw refused("publish_not_cancellable");
    },
  };
}

function pairOf({ generation }: Tokens, openId: string): TokenPair {
  return {
    openId,
    accessToken: `act.${openId}.${generation}`,
    refreshToken: `rft.${openId}.${generation}`,
    accessExpiresInSec: 86_400,
    refreshExpiresInSec: 31_536_000,
    scopes: ["user.info.basic", "video.publish", "video.upload"],
  };
}

async function sendChunk(
  clock: Clock,
  fake: FakeState,
  request: ChunkRequest,
): Promise<ChunkOutcome> {
  const bytes = await bytesOf(request.body).catch((error: unknown) => {
    if (error instanceof BrokenConnection) return null;
    throw error;
  });
  request.body.destroy();
  if (bytes === null) return { type: "unknown", reason: "WIRE_CLOSED" };
  const script = fake.chunkScript.shift();
  if (script !== undefined && script !== "lose") return script;
  const outcome = take(clock, fake, request, bytes);
  return script === "lose" ? { type: "unknown", reason: "WIRE_CLOSED" } : outcome;
}

function take(clock: Clock, fake: FakeState, request: ChunkRequest, bytes: Buffer): ChunkOutcome {
  const publishId = new URL(request.uploadUrl).searchParams.get("upload_id");
  const task = fake.tasks.find((other) => other.publishId === publishId);
  if (task === undefined) return { type: "gone", httpStatus: 404 };
  if (clock.nowMs() - task.createdAtMs >= urlLifetimeMs) return { type: "gone", httpStatus: 403 };
  if (bytes.length !== request.lastByte - request.firstByte + 1) {
    return { type: "rejected", httpStatus: 400 };
  }
  const { chunkBytes, chunkCount } = task.plan;
  const isLast = request.firstByte === chunkBytes * (chunkCount - 1);
  const isPlanned = isLast ? request.lastByte === task.bytes - 1 : bytes.length === chunkBytes;
  if (task.stage !== "uploading" || request.firstByte !== task.receivedBytes || !isPlanned) {
    return { type: "mismatch" };
  }
  task.received.push(bytes);
  task.receivedBytes += bytes.length;
  if (isLast && fake.rules.processesAtOnce)
    fake.finish(task, { stage: "published", postIds: ["1"] });
  return { type: "accepted", isLast };
}

function newTask(
  clock: Clock,
  given: Pick<FakeTask, "publishId" | "openId" | "post" | "bytes" | "plan">,
): FakeTask {
  return {
    ...given,
    createdAtMs: clock.nowMs(),
    received: [],
    receivedBytes: 0,
    stage: "uploading",
    failReason: null,
    postIds: [],
  };
}

function refused(code: string): TikTokRefusal {
  return new TikTokRefusal(code, code, { httpStatus: 400, logId: null });
}
