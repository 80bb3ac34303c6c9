/**
 * Says in a few lines how two plans differ, by name and not by line number, for a person who has to decide whether a
 * drift is meant: `system.queues.RelayQueue.visibilityTimeoutSeconds: 960 → 1020`.
 */

/** Enough to see what it is about; `git diff` shows the rest once the plan is written. */
const linesShownMax = 30;
const valueCharactersMax = 80;

/** One line per changed value; empty when there is none. */
export function diffValues(before: unknown, after: unknown): string[] {
  const lines = walk(before, after, "");
  const hidden = lines.length - linesShownMax;
  return hidden > 0 ? [...lines.slice(0, linesShownMax), `… and ${hidden} more`] : lines;
}

function walk(before: unknown, after: unknown, path: string): string[] {
  const old = entries(before);
  const fresh = entries(after);
  if (old === undefined || fresh === undefined) {
    const isSame = JSON.stringify(before) === JSON.stringify(after);
    return isSame ? [] : [`${path}: ${show(before)} → ${show(after)}`];
  }
  const keys = new Set([...old.keys(), ...fresh.keys()]);
  return [...keys].flatMap((key) =>
    walk(old.get(key), fresh.get(key), path === "" ? key : `${path}.${key}`),
  );
}

/** Members by key; those of a list by their name where they have one, so that a new one does not shift the others. */
function entries(value: unknown): Map<string, unknown> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  return new Map(value.map((item, index) => [nameOf(item) ?? String(index), item]));
}

function nameOf(item: unknown): string | undefined {
  const isNamed = typeof item === "object" && item !== null && "name" in item;
  if (!isNamed || typeof item.name !== "string") return undefined;
  // A component and its main resource may share a name.
  return "type" in item ? `${item.name}<${String(item.type)}>` : item.name;
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > valueCharactersMax ? `${text.slice(0, valueCharactersMax)}…` : text;
}
