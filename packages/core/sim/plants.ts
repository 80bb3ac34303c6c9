/**
 * Bugs to be found: each bends one process's ports so that core behaves as if the safeguard were missing. Core itself
 * is left as it is. `sim --plant NAME` shows how soon one is found.
 */

import type { Publication } from "../src/publications/index.ts";
import type { Row, TableStore } from "../src/table/index.ts";
import type { Ports } from "./faulty.ts";
import type { Process } from "./process.ts";
import type { Plant, World } from "./world.ts";

const isPublication = (row: Row): boolean => row.sk.startsWith("PUBLICATION#");
const publicationIn = (row: Row): Publication => row.data as Publication;

function reading(ports: Ports, read: (row: Row) => Row): Ports {
  const get: TableStore["get"] = async (key) => {
    const row = await ports.table.get(key);
    return row === null ? null : read(row);
  };
  return { ...ports, table: { ...ports.table, get } };
}

function writing(ports: Ports, write: (row: Row) => Row | null): Ports {
  const put: TableStore["put"] = async (row, expectedVersion) => {
    const written = write(row);
    return written === null ? true : ports.table.put(written, expectedVersion);
  };
  return { ...ports, table: { ...ports.table, put } };
}

/** A relay takes every record for its own, whoever holds it by now. */
const dropFenceCheck: Plant = (ports, process) =>
  reading(ports, (row) => {
    const fence = process.fenceById.get(row.sk.slice("PUBLICATION#".length));
    if (!isPublication(row) || fence === undefined) return row;
    return { ...row, data: { ...publicationIn(row), fence } };
  });

/** A relay that finds a task with bytes begins another instead of asking. */
const initAfterBytes: Plant = (ports, process) =>
  reading(ports, (row) => {
    if (process.kind !== "relay" || !isPublication(row)) return row;
    const publication = publicationIn(row);
    const { id, task, deadTasks, lease } = publication;
    if (process.fenceById.has(id) || task === null || lease === null) return row;
    const dead = { publishId: task.publishId, atMs: process.clock.nowMs(), why: "planted" };
    return { ...row, data: { ...publication, task: null, deadTasks: [...deadTasks, dead] } };
  });

/** A write that confirms a chunk is said to be stored, and is not. */
const forgetCheckpoint: Plant = (ports, _process, world) =>
  writing(ports, (row) => {
    // The step to `processing` confirms the last chunk, and is no checkpoint.
    if (!isPublication(row) || publicationIn(row).status !== "relaying") return row;
    const confirmed = publicationIn(row).task?.confirmedBytes ?? 0;
    return confirmed > confirmedBefore(world, row) ? null : row;
  });

function confirmedBefore(world: World, row: Row): number {
  const before = world.table.get(row);
  return before === null ? 0 : (publicationIn(before).task?.confirmedBytes ?? 0);
}

/** The publish_id is not recorded before bytes go out. */
const forgetTask: Plant = (ports, _process, world) =>
  writing(ports, (row) => {
    if (!isPublication(row)) return row;
    const before = world.table.get(row);
    const isNew = before !== null && publicationIn(before).task === null;
    return isNew && publicationIn(row).task !== null ? null : row;
  });

/** The upload URL that is kept for a successor is not the one that TikTok gave. */
const sealAnotherUrl: Plant = (ports) => ({
  ...ports,
  sealer: {
    ...ports.sealer,
    seal: (plaintext, context) =>
      ports.sealer.seal(plaintext.replace(/(?<=upload_id=).*/, "another"), context),
  },
});

/** A refresh stores the pair that it has just used up. */
const storeOlderPair: Plant = (ports, _process, world) =>
  writing(ports, (row) => {
    const before = row.sk.startsWith("ACCOUNT#") ? world.table.get(row) : null;
    if (before === null) return row;
    const { sealedTokens } = before.data as { sealedTokens: string };
    return { ...row, data: { ...(row.data as object), sealedTokens } };
  });

/** A check does not see that the outcome is known already. */
const settleTwice: Plant = (ports, process: Process) =>
  reading(ports, (row) => {
    if (process.kind !== "check" || !isPublication(row)) return row;
    const publication = publicationIn(row);
    if (publication.status !== "published") return row;
    return { ...row, data: { ...publication, status: "processing" } };
  });

/** The poller clears what is due without having emptied storage. */
const forgetVideo: Plant = (ports) => ({
  ...ports,
  storage: { ...ports.storage, removeAll: async () => undefined },
});

interface TurnsRow {
  turns: { publicationId: string }[];
}

/** Turns are never given back, and a relay takes every other one for alive. */
const keepTurns: Plant = (ports, process, world) => {
  if (process.kind !== "relay") return ports;
  let own: string | null = null;
  const blinded = reading(ports, (row) => {
    if (!isPublication(row)) return row;
    own ??= row.sk;
    if (own === row.sk) return row;
    const lease = { owner: "planted", expiresAtMs: Number.MAX_SAFE_INTEGER };
    return { ...row, data: { ...publicationIn(row), lease } };
  });
  return writing(blinded, (row) => {
    const before = row.sk === "TURNS" ? world.table.get(row) : null;
    if (before === null) return row;
    const after = row.data as TurnsRow;
    const left = (before.data as TurnsRow).turns.filter(
      (turn) => !after.turns.some(({ publicationId }) => publicationId === turn.publicationId),
    );
    return { ...row, data: { ...after, turns: [...left, ...after.turns] } };
  });
};

export const plants = {
  "drop the fence check": dropFenceCheck,
  "init again after bytes": initAfterBytes,
  "forget a checkpoint": forgetCheckpoint,
  "forget the task": forgetTask,
  "seal another URL": sealAnotherUrl,
  "store the older pair": storeOlderPair,
  "settle twice": settleTwice,
  "forget the video": forgetVideo,
  "keep the turns": keepTurns,
} satisfies Record<string, Plant>;

export type PlantName = keyof typeof plants;
