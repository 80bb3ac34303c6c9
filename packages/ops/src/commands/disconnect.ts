/** `ops disconnect USER`: every account of a user revoked at TikTok and forgotten here. */
import { accountsOf } from "@clipcast/core/auth";
import { disconnectAll } from "@clipcast/core/operations";
import { UsageError } from "../errors.ts";
import { table } from "../output/layout.ts";
import type { Command } from "./index.ts";

export const disconnect: Command = {
  name: "disconnect",
  operands: ["USER"],
  flags: ["yes"],
  flagTexts: { yes: "do not ask" },
  about: "revokes all TikTok accounts of a user, and forgets them",
  details:
    'What is under way for them ends as failed with "reconnect". USER is the id that `ops status` shows. Safe to repeat: an account that TikTok could not be asked about stays until then.',
  async run({ system, operands: [userId = ""], options, screen }) {
    const { deps, stage } = system;
    const accounts = await accountsOf(deps, userId);
    if (accounts.length === 0) {
      screen.json({ stage, accounts: [] });
      screen.print(`User ${userId} has no connected account (${stage}).`);
      return true;
    }
    if (!options.yes) {
      const rows = accounts.map(({ openId, displayName }) => [openId, displayName]);
      for (const line of table(["ACCOUNT", "NAME"], rows)) screen.note(line);
      const isSure = await screen.confirm(`Disconnect ${accounts.length} (${stage})?`);
      if (!isSure) throw new UsageError("Nothing was disconnected: answer y, or say --yes.");
    }
    const done = await disconnectAll(deps, userId);
    screen.json({ stage, accounts: done });
    const rows = done.map(({ openId, displayName, why }) => [
      openId,
      displayName,
      why === null ? "disconnected" : `still connected. ${why}`,
    ]);
    screen.print(...table(["ACCOUNT", "NAME", "NOW"], rows));
    return done.every(({ isDisconnected }) => isDisconnected);
  },
};
