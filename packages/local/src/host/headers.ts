/**
 * The headers that the public origin adds to every answer, as the plan has them, with this machine's bucket in them and
 * without what only makes sense over TLS.
 */
import type { System } from "@clipcast/infra/plan";

/** The browser would remember either for `localhost`, or ask for an https that is not there. */
const tlsHeader = "strict-transport-security";
const tlsDirective = /;?\s*upgrade-insecure-requests/;

export function localHeaders(
  system: Pick<System, "headers" | "buckets">,
  s3Url: string,
): Record<string, string> {
  const fill = (value: string) =>
    system.buckets.reduce(
      (filled, { name }) => filled.replaceAll(`\${${name}.origin}`, () => new URL(s3Url).origin),
      value,
    );
  return Object.fromEntries(
    Object.entries(system.headers)
      .filter(([name]) => name !== tlsHeader)
      .map(([name, value]) => [name, fill(value).replace(tlsDirective, "")]),
  );
}
