/** `ops requeue ID` and `ops check ID`: the two pushes for one publication. */
import { ask, requeue as requeueNow, storyOf } from "@clipcast/core/operations";
import { fields } from "../output/layout.ts";
import { storyLines } from "../output/story.ts";
import { size } from "../output/time.ts";
import type { Command } from "./index.ts";

export const requeue: Command = {
  name: "requeue",
  operands: ["ID"],
  flags: [],
  flagTexts: {},
  about: "sends the relay message again for what is queued, or whose relay died",
  details:
    "Harmless to repeat: a relay that finds another one at work, or nothing to do, goes away. The poller does the same by itself within minutes.",
  async run({ system, operands: [id = ""], screen }) {
    const publication = await requeueNow(system.deps, id);
    screen.json({ stage: system.stage, id: publication.id, status: publication.status });
    screen.print(`Sent the relay message of ${publication.id} again (${system.stage}).`);
    return true;
  },
};

export const check: Command = {
  name: "check",
  operands: ["ID"],
  flags: [],
  flagTexts: {},
  about: "asks TikTok now what became of a publication",
  details:
    "Settles one that TikTok has decided about. Of one that has ended it only tells what TikTok says: an end never changes.",
  async run({ system, operands: [id = ""], screen }) {
    const { publication, tiktok } = await ask(system.deps, id);
    const nowMs = system.deps.clock.nowMs();
    const story = storyOf(publication, nowMs);
    screen.json({ stage: system.stage, tiktok, publication: story });
    const { stage, failReason, postIds, uploadedBytes } = tiktok;
    const words = fields([
      ["TikTok says", stage === "uploading" ? "at work on it, or waiting for bytes" : stage],
      ["reason", failReason],
      ["bytes", uploadedBytes === null ? null : size(uploadedBytes)],
      ["post", postIds.length === 0 ? null : postIds.join(", ")],
    ]);
    const view = { stage: system.stage, nowMs, paint: screen.paint };
    screen.print(...words, "", ...storyLines(story, view));
    return true;
  },
};
