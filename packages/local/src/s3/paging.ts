/**
 * One page of a sorted list of names, with S3's prefix, delimiter and limit. Pure.
 */

export type Page<T> = {
  items: T[];
  commonPrefixes: string[];
  isTruncated: boolean;
  /** The last name on the page, an item's or a common prefix: the next page begins behind it. */
  lastName: string | undefined;
};

export type Named<T> = { name: string; item: T };

/** S3 sorts by UTF-8 bytes, JavaScript by UTF-16 units; they differ above U+FFFF. */
export function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

export function takePage<T>(
  sorted: readonly Named<T>[],
  options: { prefix: string; delimiter: string; countMax: number; afterName: string },
): Page<T> {
  const { prefix, delimiter, countMax, afterName } = options;
  const page: Page<T> = { items: [], commonPrefixes: [], isTruncated: false, lastName: undefined };
  let count = 0;
  let lastPrefix: string | undefined;
  for (const { name, item } of sorted) {
    if (!name.startsWith(prefix)) continue;
    const cut = delimiter === "" ? -1 : name.indexOf(delimiter, prefix.length);
    const commonPrefix = cut === -1 ? undefined : name.slice(0, cut + delimiter.length);
    if (commonPrefix !== undefined && commonPrefix === lastPrefix) continue;
    // A page that ended with a common prefix is continued behind all names it stands for.
    if (afterName !== "" && compareUtf8(commonPrefix ?? name, afterName) <= 0) continue;
    if (count === countMax) {
      page.isTruncated = true;
      break;
    }
    count += 1;
    lastPrefix = commonPrefix;
    page.lastName = commonPrefix ?? name;
    if (commonPrefix === undefined) page.items.push(item);
    else page.commonPrefixes.push(commonPrefix);
  }
  return page;
}
