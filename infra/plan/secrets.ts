/**
 * Placeholders for secrets. The plan needs a value to link, and must never see a real one.
 */

const prefix = "SST_SECRET_";

/** What the environment variable of an SST secret answers during the evaluation; undefined for any other variable. */
export function placeholderSecret(variable: string): string | undefined {
  if (!variable.startsWith(prefix)) return undefined;
  return secretValue(variable.slice(prefix.length));
}

/** Replaced by `${Name.value}` in the plan. */
export function secretValue(name: string): string {
  return `placeholder-for-secret-${name}-value`;
}
