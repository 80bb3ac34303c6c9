/** `ops rotate-key`: everything sealed is sealed anew, under the key that the stage has now. */
import { type Resealing, resealAll } from "@clipcast/core/operations";
import { counted } from "../output/time.ts";
import type { Command } from "./index.ts";

export const rotateKey: Command = {
  name: "rotate-key",
  operands: [],
  flags: ["restart"],
  flagTexts: { restart: "begin anew although an unfinished run is on record" },
  about: "seals every token anew, after the key was rotated or replaced",
  details:
    "KMS's yearly rotation needs none of this: it keeps old material for reading. Use it after rotating on demand because material may be known, or after replacing the key. It scans the table once, because tokens are in no index; it goes on where it was interrupted, and never writes over a pair that is refreshed meanwhile. Tokens stay inside of KMS.",
  async run({ system, options, screen }) {
    const unsealable: string[] = [];
    const done = await resealAll(system.deps, {
      isFresh: options.restart,
      onProgress: (progress) => screen.progress(progressLine(progress)),
      onUnsealable: (key) => {
        unsealable.push(`${key.pk} ${key.sk}`);
      },
    });
    screen.json({ stage: system.stage, ...done, unsealable });
    screen.print(
      screen.paint("green", `Sealed ${counted(done.accounts, "account")} anew (${system.stage}).`),
      `${counted(done.uploads, "upload")} under way sealed anew, ${counted(done.rows, "row")} looked at.`,
    );
    if (unsealable.length > 0) {
      const words = "No key opens these; their creators have to connect again:";
      screen.print(screen.paint("red", words), ...unsealable);
    }
    return unsealable.length === 0;
  },
};

function progressLine({ rows, accounts, finishedAtMs }: Resealing): string {
  const end = finishedAtMs === null ? "Ctrl-C pauses" : "done";
  return `${counted(rows, "row")} looked at, ${counted(accounts, "account")} sealed anew (${end})`;
}
