/** Seals without hiding: it keeps contexts apart as KMS does, and lets the oracle look inside. */
import { assert } from "../src/errors/index.ts";
import type { Sealer } from "../src/system/index.ts";

export interface SimSealer {
  sealer: Sealer;
  unsealed(sealed: string): string;
}

export function createSimSealer(): SimSealer {
  const secrets: { plaintext: string; context: string }[] = [];
  const find = (sealed: string) => {
    const found = secrets[Number(sealed.slice("sealed:".length))];
    assert(found, "what is opened has been sealed");
    return found;
  };
  const textOf = (context: Record<string, string>) =>
    JSON.stringify(Object.entries(context).sort());
  return {
    unsealed: (sealed) => find(sealed).plaintext,
    sealer: {
      async seal(plaintext, context) {
        secrets.push({ plaintext, context: textOf(context) });
        return `sealed:${secrets.length - 1}`;
      },
      async open(sealed, context) {
        const { plaintext, context: sealedFor } = find(sealed);
        assert(sealedFor === textOf(context), "a secret is opened with its own context");
        return plaintext;
      },
    },
  };
}
