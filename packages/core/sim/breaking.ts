/** Breaks one scenario at each call of its process of interest, in each of the four ways. */
import { createCalm } from "./calm.ts";
import { type Decide, type Fault, faults, plain } from "./faulty.ts";
import type { Process } from "./process.ts";
import type { Scenario } from "./scenario.ts";
import { createTrace } from "./trace.ts";
import { createWorld, type Plant, startMs, type World } from "./world.ts";

const lifeMaxMs = 12 * 24 * 3_600_000;
const eventsMax = 100_000;
/** Time for the answer to any call: long enough that processes overlap. */
const answerMs = 20;
const replayLines = 40;

export interface Broken {
  call: string;
  fault: Fault | null;
  violation: string;
  tail: string[];
}

export interface BreakResult {
  calls: number;
  points: number;
  violations: Broken[];
}

/** Throws when the scenario has no call to break, which would prove nothing. */
export async function breakScenario(
  scenario: Scenario,
  options: { plant?: Plant } = {},
): Promise<BreakResult> {
  const whole = await play(scenario, null, options.plant);
  if (whole.calls.length === 0) throw new Error(`${scenario.name}: nothing to break`);
  const violations: Broken[] = whole.broken === null ? [] : [whole.broken];
  let points = 0;
  for (const [index, call] of whole.calls.entries()) {
    for (const fault of faults) {
      // Time cannot fail.
      if (call === "clock.wait" && fault.startsWith("throw")) continue;
      points += 1;
      const { broken } = await play(scenario, { index, fault }, options.plant);
      if (broken !== null) violations.push(broken);
    }
  }
  return { calls: whole.calls.length, points, violations };
}

interface Point {
  index: number;
  fault: Fault;
}

async function play(
  scenario: Scenario,
  point: Point | null,
  plant: Plant | undefined,
): Promise<{ calls: string[]; broken: Broken | null }> {
  const calls: string[] = [];
  const trace = createTrace({ lines: replayLines });
  const subjects = new Set<Process>();
  const decide: Decide = (process, call) => {
    const treatment = {
      ...plain,
      sendMs: call === "sendChunk" ? scenario.chunkMs : 0,
      answerMs: call === "clock.wait" ? 0 : answerMs,
    };
    if (!subjects.has(process)) {
      const dies = scenario.diesAfter?.(process, call, world) ?? false;
      return dies ? { ...treatment, fault: "die-after" } : treatment;
    }
    calls.push(`${call} (${process.name}, call ${calls.length + 1})`);
    const isHere = point !== null && calls.length - 1 === point.index;
    return isHere ? { ...treatment, fault: point.fault } : treatment;
  };
  const world: World = createWorld({
    seed: 1,
    trace,
    plant,
    weather: () =>
      createCalm(scenario, decide, (process) => {
        if (scenario.isSubject(process, world)) subjects.add(process);
      }),
  });
  scenario.live(world).catch((error: unknown) => {
    world.violations.push(`simulation: ${String(error)}`);
    world.scheduler.stop();
  });
  await world.rest({ untilMs: startMs + lifeMaxMs, eventsMax });
  const [violation] = world.violations;
  if (violation === undefined) return { calls: calls.map(nameOf), broken: null };
  const call = calls[point?.index ?? -1] ?? "no call";
  return {
    calls: calls.map(nameOf),
    broken: { call, fault: point?.fault ?? null, violation, tail: trace.tail() },
  };
}

function nameOf(call: string): string {
  return call.split(" ")[0] ?? call;
}
