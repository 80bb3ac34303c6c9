/** The search for secrets must be able to find one, and must not find what is not there. */
import { describe, expect, it } from "vitest";
import { findLeaks } from "../../src/trial/leaks.ts";
import { type Secret, secretKinds } from "../../src/trial/ledger.ts";

const secrets: Secret[] = secretKinds.map((kind, n) => ({ kind, value: `s3cret*${n}!value` }));
const log = (text: string) => [{ name: "functions.log", text }];
const innocent = 'Relay {"event":"chunk","publicationId":"p1"}\n';

describe("the search for secrets in logs", () => {
  it("is content with lines that hold none", () => {
    expect(findLeaks(secrets, log(innocent))).toEqual([]);
  });

  it.each(secretKinds.map((kind, n) => [kind, n] as const))("names a printed %s", (kind, n) => {
    const value = `s3cret*${n}!value`;
    const [leak, ...others] = findLeaks(secrets, log(`${innocent}Api {"url":"x?y=${value}&z"}\n`));
    expect(others).toEqual([]);
    expect(leak).toContain(`${kind} in functions.log`);
    expect(leak).toContain(`y=[${kind}]&z`);
    expect(leak).not.toContain(value);
  });

  it("finds one that was printed as part of an address", () => {
    const spaced: Secret = { kind: "code", value: "a code/with+more" };
    const leaks = findLeaks([...secrets, spaced], log("GET /?code=a%20code%2Fwith%2Bmore"));
    expect(leaks).toHaveLength(1);
  });

  it("fails where it could not have found anything", () => {
    const withoutCookies = secrets.filter(({ kind }) => kind !== "cookie");
    expect(findLeaks(withoutCookies, log(innocent))).toEqual([expect.stringContaining("cookie")]);
    expect(findLeaks(secrets, log(""))).toHaveLength(1);
    expect(findLeaks(secrets, [])).toHaveLength(1);
  });
});
