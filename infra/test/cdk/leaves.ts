/** A value as its leaves, by path: `origins.0.domainName` → `"x"`. What is empty or null has none. */

export type Leaf = string | number | boolean;
export type Leaves = Map<string, Leaf>;

/** What policies may write as one or as a list of one. */
const policyPath = /(^|\.)(policy|policyDocument|assumeRolePolicy\w*|keyPolicy)(\.|$)/i;

export function leavesOf(value: unknown): Leaves {
  const leaves: Leaves = new Map();
  collect(value, "", leaves, (list, path) => list.length === 1 && isPolicyValue(path));
  return leaves;
}

/** The paths as they are, by which `alterLeaf` finds a leaf. */
export function listPaths(value: unknown): string[] {
  const leaves: Leaves = new Map();
  collect(value, "", leaves, () => false);
  return [...leaves.keys()];
}

function collect(
  value: unknown,
  path: string,
  leaves: Leaves,
  isOne: (list: unknown[], path: string) => boolean,
): void {
  if (value === null || value === undefined) return;
  if (typeof value !== "object") leaves.set(path, value as Leaf);
  else if (Array.isArray(value) && isOne(value, path)) collect(value[0], path, leaves, isOne);
  else {
    for (const [key, item] of Object.entries(value)) {
      // A name that has a dot in it is still one name.
      const name = key.replaceAll(".", "·");
      collect(item, path === "" ? name : `${path}.${name}`, leaves, isOne);
    }
  }
}

function isPolicyValue(path: string): boolean {
  return policyPath.test(path) && !path.endsWith(".Statement");
}

/** Sets one leaf to something else, in place. */
export function alterLeaf(root: unknown, path: string): void {
  const keys = path.split(".").map((key) => key.replaceAll("·", "."));
  const last = keys.pop() ?? "";
  const members = (value: unknown) => value as Record<string, unknown>;
  const parent = members(keys.reduce((value, key) => members(value)[key], root));
  const value = parent[last];
  if (typeof value === "boolean") parent[last] = !value;
  else parent[last] = typeof value === "number" ? value + 1 : `${value}-altered`;
}
