/** `ops dead list` and `ops dead redrive`: what was given up after its receives were spent, and another chance for it. */
import { type BuriedLetter, listDead, type Redriven, redrive } from "@clipcast/core/operations";
import { UsageError } from "../errors.ts";
import { table } from "../output/layout.ts";
import { relative, size } from "../output/time.ts";
import type { Command } from "./index.ts";

export const deadList: Command = {
  name: "dead list",
  operands: [],
  flags: [],
  flagTexts: {},
  about: "what reached the dead-letter queue, and what can still be done for it",
  details:
    "The list remembers two weeks. Its creators have read the reason already; LAST RELAY is the invocation to look for in the relay's log.",
  async run({ system, screen }) {
    const letters = await listDead(system.deps);
    const nowMs = system.deps.clock.nowMs();
    screen.json({ stage: system.stage, letters });
    if (letters.length === 0) {
      screen.print(screen.paint("green", `No dead letters (${system.stage}).`));
      return true;
    }
    const rows = letters.map((letter) => [
      letter.publicationId,
      String(letter.attempt),
      relative(letter.atMs, nowMs),
      String(letter.receives ?? "?"),
      size(letter.confirmedBytes),
      letter.code,
      letter.lastRelay ?? "none began",
      standingOf(letter, nowMs),
    ]);
    const headers = [
      "PUBLICATION",
      "ATTEMPT",
      "DIED",
      "RECEIVES",
      "SENT",
      "CODE",
      "LAST RELAY",
      "NOW",
    ];
    screen.print(...table(headers, rows));
    const redrivable = letters.filter(({ standing }) => standing === "redrivable").length;
    if (redrivable > 0)
      screen.print("", `${redrivable} can be redriven: ops dead redrive ID, or --all.`);
    return true;
  },
};

export const deadRedrive: Command = {
  name: "dead redrive",
  operands: ["[ID]"],
  flags: ["all"],
  flagTexts: { all: "everything on the list that can be" },
  about: "gives what was given up another attempt, with the video that is still stored",
  details:
    "Safe to repeat. What has moved on by itself is struck off the list; what could be posted twice, or is no longer stored, stays and is told.",
  async run({ system, operands: [id], options, screen }) {
    if ((id === undefined) !== options.all) throw new UsageError("Name one publication, or --all.");
    const letters = await redrive(system.deps, id ?? null, (letter) => {
      screen.print(`${letter.publicationId}  ${outcomeOf(letter)}`);
    });
    screen.json({ stage: system.stage, letters });
    if (letters.length === 0) {
      screen.print(id === undefined ? "No dead letters." : `${id} is not on the list.`);
      return id === undefined;
    }
    const redriven = letters.filter(({ isRedriven }) => isRedriven).length;
    const final = letters.filter(({ standing }) => standing === "final").length;
    screen.print("", `${redriven} redriven, ${final} cannot be.`);
    return id === undefined || final === 0;
  },
};

function standingOf({ standing, why, untilMs }: BuriedLetter, nowMs: number): string {
  if (standing !== "redrivable") return why;
  return untilMs === null ? "redrivable" : `redrivable, video removed ${relative(untilMs, nowMs)}`;
}

function outcomeOf({ isRedriven, standing, why }: Redriven): string {
  if (isRedriven) return "redriven";
  return standing === "moved_on" ? `struck off the list. ${why}` : `not redriven. ${why}`;
}
