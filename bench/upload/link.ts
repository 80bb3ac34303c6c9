/**
 * One direction of a link: so many bytes a second for all lanes together, each byte later by the delay. Lanes take turns,
 * as a fair queue in a router lets them, so that a small request does not wait behind everybody's video.
 *
 * It keeps no sockets: whoever owns a lane pushes what was read, stops when the lane is full, and is told when there is
 * room. There is no loss and no congestion window in it: one connection may fill the link, which favours those that open one.
 */

export interface LinkClock {
  nowMs(): number;
  /** Calls once, after the time given. */
  after(delayMs: number, run: () => void): void;
}

/** Whatever takes the bytes at the far end. */
export interface FarEnd {
  deliver(bytes: Uint8Array): void;
  /** Everything that was pushed has been delivered. */
  end(): void;
  /** Bytes that it has not passed on yet; they count as the lane's own. */
  backlogBytes(): number;
  onRoom(): void;
}

export interface Lane {
  /** False: stop until `onRoom`. */
  push(bytes: Uint8Array): boolean;
  end(): void;
  /** Forgets what is still on its way. */
  drop(): void;
}

interface Line {
  far: FarEnd;
  waiting: Uint8Array[];
  waitingBytes: number;
  hasEnded: boolean;
  isFull: boolean;
  isGone: boolean;
}

const tickMs = 1;
/** What a lane may hold back, so that a busy sender always has something in the queue. */
const queueMs = 10;
const queueBytesMin = 256 * 1024;
/** A timer that comes late on a busy machine must not cost capacity, as long as somebody was waiting. */
const lateMsMax = 50;

export interface WayOptions {
  bytesPerSecond: number;
  delayMs: number;
  clock: LinkClock;
}

export function createWay(options: WayOptions): (far: FarEnd) => Lane {
  const { delayMs, clock } = options;
  const laneBytesMax = Math.max(queueBytesMin, (options.bytesPerSecond * queueMs) / 1000);
  const lines: Line[] = [];
  const flight = createFlight();
  const serve = createQueue(options, lines);
  let isTicking = false;

  const tick = () => {
    const nowMs = clock.nowMs();
    serve.now(nowMs, (line, bytes) => flight.add({ atMs: nowMs + delayMs, line, bytes }));
    flight.land(nowMs);
    for (const line of [...lines]) {
      if (line.hasEnded && line.waiting.length === 0) {
        lines.splice(lines.indexOf(line), 1);
        flight.add({ atMs: nowMs + delayMs, line, bytes: null });
      } else if (line.isFull && line.waitingBytes + line.far.backlogBytes() < laneBytesMax / 2) {
        line.isFull = false;
        line.far.onRoom();
      }
    }
    isTicking = flight.isBusy() || lines.some((line) => line.waiting.length > 0 || line.isFull);
    if (isTicking) clock.after(tickMs, tick);
  };
  const wake = () => {
    if (isTicking) return;
    isTicking = true;
    serve.begin(clock.nowMs());
    clock.after(tickMs, tick);
  };
  return (far) => addLine(lines, { far, laneBytesMax, wake });
}

function addLine(
  lines: Line[],
  { far, laneBytesMax, wake }: { far: FarEnd; laneBytesMax: number; wake(): void },
): Lane {
  const flags = { hasEnded: false, isFull: false, isGone: false };
  const line: Line = { far, waiting: [], waitingBytes: 0, ...flags };
  lines.push(line);
  return {
    push(bytes) {
      line.waiting.push(bytes);
      line.waitingBytes += bytes.length;
      line.isFull = line.waitingBytes + far.backlogBytes() >= laneBytesMax;
      wake();
      return !line.isFull;
    },
    end() {
      line.hasEnded = true;
      wake();
    },
    drop() {
      line.isGone = true;
      const place = lines.indexOf(line);
      if (place >= 0) lines.splice(place, 1);
    },
  };
}

/** Hands on as many bytes as time has earned since it last did. */
function createQueue({ bytesPerSecond }: WayOptions, lines: Line[]) {
  let creditBytes = 0;
  let servedAtMs = 0;
  return {
    begin(nowMs: number): void {
      servedAtMs = nowMs;
    },
    now(nowMs: number, hand: (line: Line, bytes: Uint8Array) => void): void {
      const elapsedMs = Math.min(nowMs - servedAtMs, lateMsMax);
      servedAtMs = nowMs;
      // What nobody used is gone; what was overdrawn is paid back.
      creditBytes = Math.min(creditBytes, 0) + (elapsedMs * bytesPerSecond) / 1000;
      for (let idle = 0; creditBytes > 0 && idle < lines.length; ) {
        const line = lines.shift();
        if (line === undefined) return;
        // Whoever was served goes to the end.
        lines.push(line);
        const bytes = line.waiting.shift();
        idle = bytes === undefined ? idle + 1 : 0;
        if (bytes === undefined) continue;
        line.waitingBytes -= bytes.length;
        creditBytes -= bytes.length;
        hand(line, bytes);
      }
    },
  };
}

/** What is on its way; all of it travels equally long, so the first to leave is the first to land. */
function createFlight() {
  const flying: { atMs: number; line: Line; bytes: Uint8Array | null }[] = [];
  return {
    isBusy: () => flying.length > 0,
    add: (item: (typeof flying)[number]) => void flying.push(item),
    land(nowMs: number): void {
      for (let next = flying[0]; next !== undefined && next.atMs <= nowMs; next = flying[0]) {
        flying.shift();
        const { line, bytes } = next;
        if (line.isGone) continue;
        if (bytes === null) line.far.end();
        else line.far.deliver(bytes);
      }
    },
  };
}
