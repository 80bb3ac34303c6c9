/** What we use of dynalite 4, which ships no types. */
declare module "dynalite" {
  import type { Server } from "node:http";

  const dynalite: (options: {
    /** A directory; without it the data lives in memory. */
    path?: string;
    createTableMs?: number;
    updateTableMs?: number;
    deleteTableMs?: number;
  }) => Server;
  export = dynalite;
}
