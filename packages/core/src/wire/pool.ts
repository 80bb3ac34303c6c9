/**
 * Connections that are kept between requests, so that a chunk costs no handshake. One request at a time is on each.
 *
 * What idled too long is not used again: servers close such connections, and the request that meets the closing is lost.
 * An age is looked at when a connection is wanted, not by a timer, which would stand still while a function sleeps.
 */
import type { Clock } from "../system/index.ts";
import { type Connection, connect } from "./connection.ts";

/** S3 and common load balancers keep an idle connection for 5 s at least; undici trusts one for 4 s. */
const idleMsMax = 4_000;
/** One to storage and one to TikTok, and room for a storage that answered on another. */
const idleCountMax = 4;

export interface Pooled {
  connection: Connection;
  isReused: boolean;
}

export interface Pool {
  /** A connection to the URL's origin; `isFresh` takes no used one. */
  take(url: URL, options?: { isFresh: boolean }): Pooled;
  /** After an exchange that ended well; anything else is destroyed by whoever has it. */
  give(url: URL, connection: Connection): void;
  close(): void;
}

export function createPool({ clock }: { clock: Pick<Clock, "nowMs"> }): Pool {
  let idle: { origin: string; connection: Connection; sinceMs: number }[] = [];

  const sweep = () => {
    const nowMs = clock.nowMs();
    const isGood = ({ connection, sinceMs }: (typeof idle)[number]) =>
      connection.isUsable() && nowMs - sinceMs < idleMsMax;
    for (const entry of idle) if (!isGood(entry)) entry.connection.destroy();
    idle = idle.filter(isGood);
  };

  return {
    take(url, options) {
      sweep();
      const found = options?.isFresh
        ? undefined
        : idle.findLast(({ origin }) => origin === url.origin);
      if (found === undefined) return { connection: connect(url), isReused: false };
      idle = idle.filter((entry) => entry !== found);
      return { connection: found.connection, isReused: true };
    },
    give(url, connection) {
      // Whatever came after its answer would be read as the answer to the next request.
      if (!connection.isUsable()) return connection.destroy();
      connection.limitSilence(0);
      idle.push({ origin: url.origin, connection, sinceMs: clock.nowMs() });
      for (const { connection: oldest } of idle.splice(0, idle.length - idleCountMax)) {
        oldest.destroy();
      }
    },
    close() {
      for (const { connection } of idle) connection.destroy();
      idle = [];
    },
  };
}
