/// <reference path="./dynalite.d.ts" />
/**
 * DynamoDB on loopback: dynalite over a LevelDB directory, so that tables outlive restarts.
 *
 * Owns a safe start and end around it. Left alone, dynalite listens on every interface, lets any web page read the
 * tables (CORS `*`), and throws out of an event handler, ending the whole host, when a caller hangs up in the middle of
 * a request, when the directory is in use, or when it is closed at work.
 *
 * What dynalite 4.0.0 has not, compared with DynamoDB:
 * - transactions, PartiQL, UpdateTimeToLive, UpdateContinuousBackups: UnknownOperationException (see ttl.ts for TTL);
 * - `ReturnValuesOnConditionCheckFailure` is accepted and ignored: a failed condition never carries the item;
 * - signatures are looked for but not verified; capacity is never exceeded; deletion protection does nothing;
 * - ListTables reads every key of the database: describe a table by name instead.
 */
import { mkdirSync } from "node:fs";
import type { RequestListener, Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import dynalite from "dynalite";
import { createGuard, type Guard } from "./guard.ts";

export type DynamoOptions = {
  /** 0 takes a free port. */
  port: number;
  /** Where the tables live; made when missing. One process at a time. */
  dir: string;
};

export type Dynamo = {
  url: string;
  port: number;
  /** Lets requests that have begun finish, for a moment at most, then ends with the data on disk. */
  close: () => Promise<void>;
};

const host = "127.0.0.1";
/** A request takes milliseconds; one that hangs must not hold up the end. */
const closeGraceMs = 1000;

/** Rejects with a clear message when another process has the directory, with Node's error when the port is taken. */
export async function startDynamo(options: DynamoOptions): Promise<Dynamo> {
  mkdirSync(options.dir, { recursive: true });
  await demandUnlocked(options.dir);
  // Tables are usable at once: DynamoDB's seconds of CREATING would only slow down a first start.
  const timing = { createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 };
  const server = dynalite({ path: options.dir, ...timing });
  const [listener] = server.listeners("request");
  const guard = createGuard(listener as RequestListener);
  server.removeAllListeners("request");
  server.on("request", guard.listener);
  // Longer than the SDK keeps an idle connection, so that it never writes into one that is just closing.
  server.keepAliveTimeout = 60_000;

  const close = () => closeServer(server, guard);
  try {
    await listen(server, options.port);
  } catch (error) {
    // dynalite lets go of its database only when a server that listens is closed.
    await listen(server, 0);
    await close();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  return { url: `http://${host}:${port}`, port, close };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function closeServer(server: Server, guard: Guard): Promise<void> {
  // dynalite's close also closes the database, once the last connection has ended. A request must not find it closed
  // half-way, also one whose caller has gone, hence the wait.
  let timer: NodeJS.Timeout | undefined;
  const grace = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, closeGraceMs);
  });
  await Promise.race([guard.drain(), grace]);
  clearTimeout(timer);
  await new Promise<void>((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}

type LevelModule = {
  Level: new (path: string) => { open: () => Promise<void>; close: () => Promise<void> };
};

/**
 * dynalite opens its database in the background and dies at the first request if it cannot, so the directory is tried
 * first, with the very LevelDB that dynalite uses.
 */
async function demandUnlocked(dir: string): Promise<void> {
  const requireAsDynalite = createRequire(import.meta.resolve("dynalite"));
  const { Level } = requireAsDynalite("level") as LevelModule;
  const level = new Level(dir);
  try {
    await level.open();
  } catch (cause) {
    throw new Error(`The tables in ${dir} cannot be opened. Does another local host use them?`, {
      cause,
    });
  }
  await level.close();
}
