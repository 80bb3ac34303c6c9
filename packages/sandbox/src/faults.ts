// Faults on demand. A rule names an operation and what goes wrong with its next calls; rules count the
// calls that match them, so "the third chunk" or "the first two status calls" can be hit exactly. What a
// fault does to a connection is the caller's matter. Rules live in memory and end with the process.

import { z } from "zod";
import { failReasonSchema } from "./state.ts";

export const operations = [
  "authorize",
  "token",
  "revoke",
  "userInfo",
  "creatorInfo",
  "init",
  "upload",
  "status",
  "cancel",
  "webhook",
  "processing",
] as const;
export type Operation = (typeof operations)[number];

const target = {
  operation: z.enum(operations),
  /** Only calls about this task or creator are counted. */
  publishId: z.string().optional(),
  creator: z.string().optional(),
  /** The first matching call that is hit, from 1. */
  nth: z.int().min(1).default(1),
  /** How many calls are hit from there on; null: all. */
  times: z.int().min(1).nullable().default(1),
};

export const faultRuleSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    ...target,
    kind: z.literal("status"),
    status: z.int().min(200).max(599),
    /** error.code (or the flat OAuth error); left out, the body is a gateway's HTML. */
    code: z.string().optional(),
    message: z.string().default(""),
    /** before: nothing happened. after: it happened, and the answer is wrong. */
    when: z.enum(["before", "after"]).default("before"),
  }),
  z.strictObject({ ...target, kind: z.literal("drop-before") }),
  z.strictObject({ ...target, kind: z.literal("drop-after") }),
  /** Uploads: the connection breaks in the middle of the chunk, which is rolled back. */
  z.strictObject({ ...target, kind: z.literal("drop-mid"), afterBytes: z.int().min(0) }),
  z.strictObject({ ...target, kind: z.literal("delay"), delayMs: z.int().min(0).max(3_600_000) }),
  /** Webhooks: delivered twice. */
  z.strictObject({ ...target, kind: z.literal("duplicate") }),
  /** Processing: the task ends FAILED with this reason. */
  z.strictObject({ ...target, kind: z.literal("fail"), failReason: failReasonSchema }),
]);
export type FaultRule = z.infer<typeof faultRuleSchema>;
export type FaultRuleInput = z.input<typeof faultRuleSchema>;

export type Fault = { id: string; rule: FaultRule; seenCount: number; hitCount: number };
export type FaultSubject = { publishId?: string | undefined; creator?: string | undefined };

/** Every fault that hits one call: delays add up, and at most one other fault applies. */
export type FaultPlan = { id: string | null; delayMs: number; rule: FaultRule | null };

export type Faults = {
  add(rule: FaultRuleInput): Fault;
  all(): Fault[];
  remove(id: string): boolean;
  clear(): void;
  take(operation: Operation, subject: FaultSubject): FaultPlan;
};

const faultsMax = 1000;

export function createFaults(): Faults {
  const faults = new Map<string, Fault>();
  let lastNumber = 0;
  return {
    add: (input) => {
      if (faults.size >= faultsMax) throw new RangeError(`at most ${faultsMax} faults`);
      lastNumber += 1;
      const rule = faultRuleSchema.parse(input);
      const fault = { id: `fault-${lastNumber}`, rule, seenCount: 0, hitCount: 0 };
      faults.set(fault.id, fault);
      return fault;
    },
    all: () => [...faults.values()].map((fault) => ({ ...fault })),
    remove: (id) => faults.delete(id),
    clear: () => faults.clear(),
    take: (operation, subject) => {
      const plan: FaultPlan = { id: null, delayMs: 0, rule: null };
      for (const fault of faults.values()) {
        if (!isHit(fault, operation, subject)) continue;
        if (fault.rule.kind === "delay") plan.delayMs += fault.rule.delayMs;
        else if (plan.rule === null) plan.rule = fault.rule;
        else continue;
        fault.hitCount += 1;
        plan.id = plan.id === null ? fault.id : `${plan.id} ${fault.id}`;
      }
      return plan;
    },
  };
}

function isHit(fault: Fault, operation: Operation, subject: FaultSubject): boolean {
  const { rule } = fault;
  if (rule.operation !== operation) return false;
  if (rule.publishId !== undefined && rule.publishId !== subject.publishId) return false;
  if (rule.creator !== undefined && rule.creator !== subject.creator) return false;
  if (rule.times !== null && fault.hitCount >= rule.times) return false;
  fault.seenCount += 1;
  return fault.seenCount >= rule.nth;
}
