/** What every `Sealer` keeps to: a secret opens only with the context that it was sealed with. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Sealer } from "../../src/system/index.ts";

export interface SealerSubject {
  sealer: Sealer;
  close(): Promise<void>;
}

const context = { userId: "user-1", openId: "-000creator" };
/** The most that one KMS Encrypt call takes. */
const plaintextBytesMax = 4_096;

export function describeSealer(name: string, create: () => Promise<SealerSubject>): void {
  let subject: SealerSubject;
  beforeEach(async () => {
    subject = await create();
  });
  afterEach(() => subject.close());

  describe(`${name}: a secret`, () => {
    it.each(["act.demo", "Größe 🌊", "{}", "x".repeat(plaintextBytesMax)])(
      "opens again as it was",
      async (plaintext) => {
        const sealed = await subject.sealer.seal(plaintext, context);
        expect(await subject.sealer.open(sealed, context)).toBe(plaintext);
      },
    );

    it("is printable and does not show", async () => {
      const sealed = await subject.sealer.seal("act.very-secret-token", context);
      expect(sealed).toMatch(/^[\x20-\x7e]+$/);
      expect(sealed).not.toContain("very-secret");
    });

    it("does not depend on the order of its context", async () => {
      const sealed = await subject.sealer.seal("act.demo", context);
      const { userId, openId } = context;
      expect(await subject.sealer.open(sealed, { openId, userId })).toBe("act.demo");
    });

    it.each([
      [{ ...context, userId: "user-2" }],
      [{ userId: "user-1" }],
      [{ ...context, extra: "1" }],
      [{}],
    ])("stays shut for the context %o", async (other: Record<string, string>) => {
      const sealed = await subject.sealer.seal("act.demo", context);
      await expect(subject.sealer.open(sealed, other)).rejects.toThrow();
    });

    it.each(["", "bm90IHNlYWxlZA==", "nonsense"])("does not open from %o", async (damaged) => {
      await expect(subject.sealer.open(damaged, context)).rejects.toThrow();
    });

    it("is refused when it is longer than one call to KMS takes", async () => {
      const long = "x".repeat(plaintextBytesMax + 1);
      await expect(subject.sealer.seal(long, context)).rejects.toThrow();
    });
  });
}
