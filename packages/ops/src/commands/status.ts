/** `ops status ID`: one publication's whole story. */
import { findPublication, storyOf } from "@clipcast/core/operations";
import { storyLines } from "../output/story.ts";
import type { Command } from "./index.ts";

export const status: Command = {
  name: "status",
  operands: ["ID"],
  flags: [],
  flagTexts: {},
  about: "one publication's story: what happened, who has it, what comes next and when",
  details:
    "ID is the publication's, as the API and the functions' logs show it, or TikTok's publish_id.",
  async run({ system, operands: [id = ""], screen }) {
    const { value } = await findPublication(system.deps, id);
    const nowMs = system.deps.clock.nowMs();
    const story = storyOf(value, nowMs);
    screen.json({ stage: system.stage, ...story });
    screen.print(...storyLines(story, { stage: system.stage, nowMs, paint: screen.paint }));
    return true;
  },
};
