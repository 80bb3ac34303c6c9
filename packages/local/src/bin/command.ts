/** How the commands of this folder begin and end: counts among their options, and what a person reads when one fails. */

/** Runs the command and ends the process. Wrong usage is a sentence and the usage; anything else keeps its stack. */
export function runCommand(main: () => Promise<void>, usage: string): void {
  main().then(
    () => process.exit(),
    (error: unknown) => {
      const isUsage = error instanceof TypeError || error instanceof RangeError;
      const text = error instanceof Error ? (isUsage ? error.message : error.stack) : String(error);
      process.stderr.write(`\n  ${text}\n\n${isUsage ? usage : ""}`);
      process.exit(1);
    },
  );
}

export function toCount(option: string, value: string): number {
  if (/^\d{1,6}$/.test(value)) return Number(value);
  throw new TypeError(`${option} takes a number, not "${value}".`);
}
