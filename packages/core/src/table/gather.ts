/**
 * Reads that are begun in the same moment, as one request. Nobody waits for more to come: only what the same run of code
 * has asked for goes together.
 */
import type { Key } from "./index.ts";

/** Tells keys apart; no key has a line break. */
export function nameOf({ pk, sk }: Key): string {
  return `${pk}\n${sk}`;
}

/** `readAll` answers in the order of its keys, which are all different. */
export function gather<Value>(
  readAll: (keys: Key[]) => Promise<Value[]>,
): (key: Key) => Promise<Value> {
  let asked = new Map<string, Key>();
  let answers: Promise<Map<string, Value>> | null = null;

  const read = async (): Promise<Map<string, Value>> => {
    // The code that asks runs on until it waits; then its keys are complete.
    await Promise.resolve();
    const keys = asked;
    asked = new Map();
    answers = null;
    const values = await readAll([...keys.values()]);
    return new Map([...keys.keys()].map((name, index) => [name, values[index] as Value]));
  };

  return async (key) => {
    const name = nameOf(key);
    asked.set(name, key);
    answers ??= read();
    return (await answers).get(name) as Value;
  };
}
