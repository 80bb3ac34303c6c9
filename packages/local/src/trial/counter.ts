/** Counts what functions log, by function, event and what came of it. Reads no values beyond those. */
import * as z from "zod";

const lineSchema = z.object({
  event: z.string(),
  /** How a relay ended. */
  result: z.string().optional(),
  /** The machine's event that a publication took. */
  step: z.string().optional(),
});

export interface Counter {
  hear(functionName: string, line: string): void;
  counts(): Record<string, number>;
}

export function createCounter(): Counter {
  const counts = new Map<string, number>();
  return {
    hear(functionName, line) {
      const parsed = parse(line);
      if (parsed === null) return;
      const { event, result, step } = parsed;
      const key = [functionName, event, result ?? step].filter(Boolean).join(" ");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    },
    counts: () => Object.fromEntries(counts),
  };
}

/** Null for what the platform or a crash prints. */
function parse(line: string): z.infer<typeof lineSchema> | null {
  if (!line.startsWith("{")) return null;
  try {
    return lineSchema.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
