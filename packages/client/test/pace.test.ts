/** How many parts at once: the controller on a simulated link, whose true optimum the test knows. */
import { describe, expect, it } from "vitest";
import { createLink } from "../src/link.ts";
import { isEpochOver, nextPace, type Pace } from "../src/pace.ts";
import { createSlots } from "../src/slots.ts";
import { createVirtualTime } from "./virtual-time.ts";

const bounds = { min: 2, max: 6 };
const epoch = {
  elapsedMs: 1_000,
  confirmedBytes: 8_000,
  confirmedCount: 8,
  failedCount: 0,
  isThrottled: false,
  isBusy: true,
};

/** Lives so many epochs on a link that gives each connection so much, and all of them no more than its capacity. */
function live(link: { perLane: number; capacity: number }, epochs: number, from = 4): number[] {
  let pace: Pace = { limit: from, before: null, restCount: 0 };
  const limits: number[] = [];
  for (let count = 0; count < epochs; count += 1) {
    const confirmedBytes = Math.min(pace.limit * link.perLane, link.capacity) * 1_000;
    pace = nextPace(pace, { ...epoch, confirmedBytes }, bounds);
    limits.push(pace.limit);
  }
  return limits;
}

describe("nextPace", () => {
  it("adds lanes as long as each makes it faster", () => {
    expect(live({ perLane: 10, capacity: 1_000 }, 5)).toEqual([5, 6, 6, 6, 6]);
  });

  it("goes back when one more brings nothing, and asks again only later", () => {
    const limits = live({ perLane: 250, capacity: 1_000 }, 12);
    expect(limits.slice(0, 9)).toEqual([5, 4, 4, 4, 4, 4, 4, 4, 4]);
    expect(limits.slice(9)).toEqual([5, 4, 4]);
  });

  it("notices later that the link has got wider", () => {
    const narrow: Pace = { limit: 4, before: null, restCount: 8 };
    let pace = narrow;
    for (let count = 0; count < 12; count += 1) {
      pace = nextPace(pace, { ...epoch, confirmedBytes: pace.limit * 8_000 }, bounds);
    }
    expect(pace.limit).toBe(6);
  });

  it("halves at once when storage asks for less, and when a quarter of the attempts break", () => {
    const pace = { limit: 6, before: 7, restCount: 0 };
    const half = { limit: 3, before: null, restCount: 3 };
    expect(nextPace(pace, { ...epoch, isThrottled: true }, bounds)).toEqual(half);
    expect(nextPace(pace, { ...epoch, confirmedCount: 6, failedCount: 2 }, bounds)).toEqual(half);
    expect(nextPace({ ...pace, limit: 2 }, { ...epoch, isThrottled: true }, bounds).limit).toBe(2);
  });

  it("takes no lesson from a lost part", () => {
    const pace = { limit: 5, before: 8, restCount: 2 };
    const lost = { ...epoch, confirmedBytes: 1, failedCount: 1, confirmedCount: 11 };
    expect(nextPace(pace, lost, bounds)).toEqual({ limit: 5, before: 8, restCount: 1 });
  });

  it("does not step while nobody waits, nor above its bound", () => {
    const pace = { limit: 4, before: null, restCount: 0 };
    expect(nextPace(pace, { ...epoch, isBusy: false }, bounds).limit).toBe(4);
    expect(nextPace({ ...pace, limit: 6 }, epoch, bounds).limit).toBe(6);
  });

  it("judges an epoch only once every lane has shown what it can", () => {
    expect(isEpochOver(epoch, 4)).toBe(true);
    expect(isEpochOver(epoch, 5)).toBe(false);
    expect(isEpochOver({ ...epoch, elapsedMs: 999 }, 4)).toBe(false);
    expect(isEpochOver({ ...epoch, confirmedCount: 0, isThrottled: true }, 4)).toBe(true);
  });
});

describe("a link", () => {
  const { signal } = new AbortController();

  async function busy(options: { memory?: Map<string, string>; parts?: number; partMs?: number }) {
    const time = createVirtualTime();
    const { memory = new Map<string, string>(), parts = 20, partMs = 1_000 } = options;
    const beganMs = time.runtime.now();
    const startsMs: number[] = [];
    const link = createLink({
      runtime: time.runtime,
      memory: { getItem: (key) => memory.get(key) ?? null, setItem: (k, v) => memory.set(k, v) },
    });
    let activeCount = 0;
    let activeCountMax = 0;
    /** Lanes that send parts of 1 MB, each as fast as if it were alone. */
    const lane = async () => {
      for (let part = 0; part < parts; part += 1) {
        const release = await link.take(signal);
        startsMs.push(time.runtime.now() - beganMs);
        activeCount += 1;
        activeCountMax = Math.max(activeCountMax, activeCount);
        await time.runtime.sleep(partMs);
        activeCount -= 1;
        link.stored(1_000_000);
        release();
      }
    };
    const lanes = Array.from({ length: 8 }, () => lane());
    await time.run(Promise.all(lanes));
    const tookMs = time.runtime.now() - beganMs;
    return { link, activeCountMax: () => activeCountMax, memory, time, startsMs, tookMs };
  }

  it("begins with as many lanes as a browser has connections", async () => {
    const { link, activeCountMax, startsMs } = await busy({});
    expect(startsMs.slice(0, 6)).toEqual([0, 40, 80, 120, 160, 200]);
    expect(activeCountMax()).toBe(6);
    expect(link.laneCountMax).toBe(6);
  });

  it("lets parts begin one after another, so that they do not all wait for an answer at once", async () => {
    const { startsMs } = await busy({});
    const gapsMs = startsMs.slice(1).map((startMs, index) => startMs - (startsMs[index] ?? 0));
    expect(Math.min(...gapsMs)).toBe(40);
  });

  it("holds up no link on which parts take less than that", async () => {
    const { tookMs } = await busy({ parts: 150, partMs: 10 });
    // At 40 ms a part it would be 48 s, and without any gap 2 s.
    expect(tookMs).toBeLessThan(16_000);
  });

  it("gives a slot back when the upload ends before its turn", async () => {
    const time = createVirtualTime();
    const link = createLink({ runtime: time.runtime, bounds: { min: 1, max: 2 } });
    await link.take(signal);
    const ended = new AbortController();
    const second = link.take(ended.signal);
    await time.advance(20);
    ended.abort();
    await expect(second).rejects.toBe(ended.signal.reason);
    await time.run(link.take(signal));
  });

  it("remembers what it gave, for the next time", async () => {
    const { link, memory, time } = await busy({});
    expect(link.bytesPerSecond).toBeGreaterThan(3.5e6);
    expect(link.bytesPerSecond).toBeLessThan(6.1e6);
    const store = { getItem: (key: string) => memory.get(key) ?? null, setItem: () => {} };
    const next = createLink({ runtime: time.runtime, memory: store });
    expect(next.bytesPerSecond).toBeCloseTo(link.bytesPerSecond ?? 0, -1);
  });

  it.each(["rubbish", "-5", "", "Infinity"])("makes nothing of %j in its memory", (text) => {
    const { runtime } = createVirtualTime();
    const memory = { getItem: () => text, setItem: () => {} };
    expect(createLink({ runtime, memory }).bytesPerSecond).toBeNull();
  });

  it("lives with a memory that refuses", async () => {
    const { runtime } = createVirtualTime();
    const refuse = () => {
      throw new DOMException("No.", "SecurityError");
    };
    expect(
      createLink({ runtime, memory: { getItem: refuse, setItem: refuse } }).bytesPerSecond,
    ).toBeNull();
  });

  it("leaves slots that are the caller's as they are", () => {
    const { runtime } = createVirtualTime();
    const slots = createSlots(3);
    const link = createLink({ runtime, slots });
    link.failed("throttled");
    expect(link.laneCountMax).toBe(3);
    expect(slots.limit).toBe(3);
  });
});

describe("slots", () => {
  const { signal } = new AbortController();

  it("go to the upload that holds the fewest", async () => {
    const slots = createSlots(3);
    const granted: string[] = [];
    const take = (owner: { name: string }) =>
      slots.take(signal, owner).then((release) => {
        granted.push(owner.name);
        return release;
      });
    const first = { name: "first" };
    const second = { name: "second" };
    const held = [take(first), take(first), take(first)];
    const later = [take(first), take(first), take(second), take(second)];
    await Promise.all(held);
    for (const release of held) (await release)();
    await Promise.all(later.slice(0, 1));
    expect(granted).toEqual(["first", "first", "first", "second", "first", "first"]);
    expect(slots).toMatchObject({ takenCount: 3, waitingCount: 1 });
  });
});
