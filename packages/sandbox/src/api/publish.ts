// What becomes of a publish_id: status (fact sheet §8) and cancel (§9).

import { z } from "zod";
import { type Answer, answerJson, type Call, type Endpoint } from "../call.ts";
import type { Sandbox } from "../context.ts";
import * as Posts from "../posts.ts";
import { refuse } from "../refusal.ts";
import type { Task } from "../state.ts";
import * as Tasks from "../tasks.ts";
import { parseJson } from "./init-body.ts";
import { openSession, type Session } from "./session.ts";

const bodySchema = z.object({ publish_id: z.string().min(1).max(64) });

export const statusFetch: Endpoint = {
  operation: "status",
  dialect: "api",
  method: "POST",
  contentType: "application/json",
  handle: (sandbox, call) => {
    const session = openSession(sandbox, call, {
      anyScope: ["video.upload", "video.publish"],
      window: "status",
      perMinute: sandbox.knobs.statusPerMinute,
    });
    return answerStatus(sandbox, call, findTask(sandbox, call, session));
  },
};

export const cancel: Endpoint = {
  operation: "cancel",
  dialect: "api",
  method: "POST",
  contentType: "application/json",
  handle: (sandbox, call) => {
    const session = openSession(sandbox, call, {
      anyScope: ["video.upload", "video.publish"],
      window: "cancel",
      perMinute: sandbox.knobs.cancelPerMinute,
    });
    const task = findTask(sandbox, call, session);
    const isPulling = task.status === "PROCESSING_DOWNLOAD";
    const isUploading = task.status === "PROCESSING_UPLOAD" && task.transferredAtMs === null;
    const isAllowed = isPulling || (isUploading && sandbox.knobs.cancelFileUpload === "accept");
    if (!isAllowed) {
      throw refuse("publish_not_cancellable", "§9 only an ongoing download can be cancelled");
    }
    Tasks.apply(sandbox, task, { type: "failed", reason: "publish_cancelled" });
    return answerJson(200, { error: { code: "ok", message: "", log_id: call.logId } });
  },
};

function findTask(sandbox: Sandbox, call: Call, session: Session): Task {
  const body = bodySchema.safeParse(parseJson(call.text));
  if (!body.success) throw refuse("invalid_params", "§8 publish_id is required");
  const task = Tasks.current(sandbox, body.data.publish_id);
  if (task === undefined) throw refuse("invalid_publish_id", "§8 unknown publish_id");
  const { publishIdHiddenMs, publishIdRetentionMs } = sandbox.knobs;
  const ageMs = call.nowMs - task.createdAtMs;
  if (ageMs < publishIdHiddenMs) throw refuse("invalid_publish_id", "§8 not yet known after init");
  if (publishIdRetentionMs !== null && ageMs > publishIdRetentionMs) {
    throw refuse("invalid_publish_id", "§8 no longer queryable");
  }
  const { app, creator } = session;
  if (task.clientKey !== app.clientKey || task.username !== creator.username) {
    throw refuse("token_not_authorized_for_specified_publish_id", "§8 another user's or app's");
  }
  return task;
}

/** Written by hand: post ids are int64 and must leave as raw digits. Fields that do not apply are absent. */
function answerStatus(sandbox: Sandbox, call: Call, task: Task): Answer {
  const fields = [`"status":${JSON.stringify(task.status)}`];
  if (task.failReason !== null) fields.push(`"fail_reason":${JSON.stringify(task.failReason)}`);
  const postIds = Posts.publicIdsOf(sandbox, task.publishId);
  // TikTok's own spelling.
  if (postIds.length > 0) fields.push(`"publicaly_available_post_id":[${postIds.join(",")}]`);
  const bytesField = task.source === "FILE_UPLOAD" ? "uploaded_bytes" : "downloaded_bytes";
  fields.push(`"${bytesField}":${task.uploadedBytes}`);
  const error = JSON.stringify({ code: "ok", message: "", log_id: call.logId });
  return { status: 200, body: `{"data":{${fields.join(",")}},"error":${error}}` };
}
