import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Command,
  type Event,
  isSettled,
  type Publication,
  type PublicationStatus,
  transition,
} from "../../src/publications/index.ts";
import { events, nowMs, publicationIn, statuses } from "./samples.ts";

type Answer = [PublicationStatus, Command[]];

/** The whole machine. What is not written here is refused. */
const machine: Record<Event["type"], Partial<Record<PublicationStatus, Answer>>> = {
  "upload-completed": { uploading: ["queued", ["relay"]] },
  "relay-started": { queued: ["relaying", []], relaying: ["relaying", []] },
  "bytes-delivered": { relaying: ["processing", ["check"]] },
  published: { processing: ["published", ["remove-upload"]] },
  "delivered-to-inbox": { processing: ["in_inbox", ["remove-upload"]] },
  failed: endsIn("failed"),
  "cancel-requested": {
    uploading: ["cancelled", ["remove-upload"]],
    queued: ["cancelled", ["remove-upload"]],
    relaying: ["relaying", ["relay"]],
    processing: ["processing", ["check"]],
  },
  cancelled: endsIn("cancelled"),
  retried: { failed: ["queued", ["relay"]] },
};

function endsIn(status: PublicationStatus): Partial<Record<PublicationStatus, Answer>> {
  const answer: Answer = [status, ["remove-upload"]];
  return { uploading: answer, queued: answer, relaying: answer, processing: answer };
}

const drawn: Record<PublicationStatus, PublicationStatus[]> = {
  uploading: ["queued", "failed", "cancelled"],
  queued: ["relaying", "failed", "cancelled"],
  relaying: ["processing", "failed", "cancelled"],
  processing: ["published", "in_inbox", "failed", "cancelled"],
  published: [],
  in_inbox: [],
  // By the creator's word alone.
  failed: ["queued"],
  cancelled: [],
};

const cells = Object.values(events).flatMap((event) =>
  statuses.map((status) => ({ status, event, answer: machine[event.type][status] ?? null })),
);

function frozen(publication: Publication): Publication {
  for (const value of Object.values(publication)) Object.freeze(value);
  return Object.freeze(publication);
}

describe("transition", () => {
  it.each(cells)("answers $event.type in $status", ({ status, event, answer }) => {
    const step = transition(frozen(publicationIn(status)), event, nowMs);

    expect(step && [step.next.status, step.commands]).toEqual(answer);
  });

  it("moves only along the drawn machine, and never out of an end", () => {
    const anyEvent = fc.constantFrom(...Object.values(events));
    return fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 30 }), (sequence) => {
        let publication = publicationIn("uploading");
        let atMs = nowMs;
        for (const event of sequence) {
          atMs += 1_000;
          const step = transition(frozen(publication), event, atMs);
          if (step === null) continue;
          expect(isSettled(publication.status) && event.type !== "retried").toBe(false);
          checkStep(publication, step.next, atMs);
          publication = step.next;
        }
      }),
    );
  });

  it("gives each lease a greater fence and counts the run until a byte is confirmed", () => {
    const started = transition(publicationIn("relaying"), events["relay-started"], nowMs);

    expect(started?.next).toMatchObject({
      fence: 4,
      fruitlessRuns: 3,
      nudges: 0,
      lease: { owner: "relay-1", expiresAtMs: nowMs + 30_000 },
      dueAtMs: nowMs + 30_000,
    });
  });

  it("begins the schedule of checks anew when the bytes are delivered", () => {
    const delivered = transition(publicationIn("relaying"), events["bytes-delivered"], nowMs);

    expect(delivered?.next).toMatchObject({ checks: 0, nudges: 0, lease: null, waiting: null });
    expect(delivered?.next.dueAtMs).toBe(nowMs + 65_000);
  });

  it("keeps the time at which a cancellation was first asked for", () => {
    const first = transition(publicationIn("processing"), events["cancel-requested"], nowMs);
    const again = first && transition(first.next, events["cancel-requested"], nowMs + 5_000);

    expect(again?.next.cancelRequestedAtMs).toBe(nowMs);
  });

  it("lets a cancellation wait no longer than its message may take", () => {
    const parked = { ...publicationIn("relaying"), dueAtMs: nowMs + 3_600_000 };
    const soon = { ...parked, dueAtMs: nowMs + 5_000 };

    const brought = transition(parked, events["cancel-requested"], nowMs);
    const kept = transition(soon, events["cancel-requested"], nowMs);

    expect(brought?.next.dueAtMs).toBe(nowMs + 60_000);
    expect(kept?.next.dueAtMs).toBe(nowMs + 5_000);
  });

  it("keeps no video for an attempt that it would refuse", () => {
    const failure = { code: "internal", message: "No.", isRetryable: true };
    const end = (attempt: number) =>
      transition({ ...publicationIn("relaying"), attempt }, { type: "failed", failure }, nowMs);

    expect(end(19)).toMatchObject({ commands: [], next: { status: "failed" } });
    expect(end(20)?.commands).toEqual(["remove-upload"]);
  });

  it("records TikTok's post ids and the reason of a failure", () => {
    const published = transition(publicationIn("processing"), events.published, nowMs);
    const failed = transition(publicationIn("processing"), events.failed, nowMs);

    expect(published?.next.postIds).toEqual(["7600000000000000123"]);
    expect(failed?.next.failure).toEqual(events.failed.failure);
  });
});

/** What holds for every step, whatever led to it. */
function checkStep(before: Publication, after: Publication, atMs: number): void {
  const hasMoved = after.status !== before.status;
  if (hasMoved) expect(drawn[before.status]).toContain(after.status);
  const grown = hasMoved ? [{ atMs, status: after.status }] : [];
  expect(after.history).toEqual([...before.history, ...grown]);
  // Every state owes somebody a look, so that a crash before the commands is repaired by the poller.
  expect(after.dueAtMs).not.toBeNull();
  expect(after.fence).toBeGreaterThanOrEqual(before.fence);
  expect(after.lease === null || after.status === "relaying").toBe(true);
  expect(after.status !== "failed" || after.failure !== null).toBe(true);
}
