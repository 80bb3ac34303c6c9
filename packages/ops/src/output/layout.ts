/** Text in columns. Whatever a creator wrote is made harmless first: a file name may hold a terminal's control sequences. */

/** Control characters, and those that turn the direction of writing. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
const dangerous = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const longest = 120;

export function harmless(text: string): string {
  const clean = text.replaceAll(dangerous, "�");
  return clean.length > longest ? `${clean.slice(0, longest - 1)}…` : clean;
}

/** A line per row, columns as wide as their widest cell. */
export function table(headers: string[], rows: string[][]): string[] {
  const cells = [headers, ...rows.map((row) => row.map(harmless))];
  const widths = headers.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** Labels and values; a null value is left out. */
export function fields(pairs: [string, string | null][]): string[] {
  const known = pairs.flatMap(([label, value]) =>
    value === null ? [] : [[label, value] as const],
  );
  const width = Math.max(0, ...known.map(([label]) => label.length));
  return known.map(([label, value]) => `${label.padEnd(width)}  ${harmless(value)}`);
}
