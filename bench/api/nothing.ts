/** The floor of a cold start: Node and the runtime, and nothing else. */
export function handler(): Promise<string> {
  return Promise.resolve("nothing");
}
