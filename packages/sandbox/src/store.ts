// Keeps the records of state.ts across restarts: one append-only JSON-lines file, replayed at open, the
// last line for an id wins. A torn last line (the process died while writing) is dropped. The file is
// rewritten by rename when it is opened or has grown, so it is always whole. Video files are not its matter.

import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import {
  type Creator,
  creatorSchema,
  type Grant,
  grantSchema,
  type Hook,
  hookSchema,
  type Post,
  postSchema,
  type Task,
  type Token,
  taskSchema,
  tokenSchema,
} from "./state.ts";

export type Collection<T> = {
  get(id: string): T | undefined;
  all(): T[];
  put(value: T): void;
  remove(id: string): void;
};

export type Store = {
  creators: Collection<Creator>;
  grants: Collection<Grant>;
  tokens: Collection<Token>;
  tasks: Collection<Task>;
  posts: Collection<Post>;
  hooks: Collection<Hook>;
  /** Small named values: the knobs as they were last set. */
  settings: Collection<Setting>;
  close(): void;
};

const settingSchema = z.object({ name: z.string(), value: z.unknown() });
export type Setting = z.infer<typeof settingSchema>;

const lineSchema = z.object({ kind: z.string(), id: z.string(), value: z.unknown().optional() });
type Line = z.infer<typeof lineSchema>;

const appendedBytesMax = 16 * 1024 * 1024;
const fileMode = 0o600;

export function grantId(clientKey: string, username: string): string {
  return `${clientKey} ${username}`;
}

export function openStore(dir: string): Store {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, "state.jsonl");
  const replayed = replay(path);
  const dumps: (() => Line[])[] = [];
  let appendedBytes = 0;
  let isClosed = false;

  const compact = () => {
    const lines = dumps.flatMap((dump) => dump()).map((line) => `${JSON.stringify(line)}\n`);
    writeFileSync(`${path}.new`, lines.join(""), { mode: fileMode });
    renameSync(`${path}.new`, path);
    appendedBytes = 0;
  };
  const append = (line: Line) => {
    if (isClosed) return;
    const text = `${JSON.stringify(line)}\n`;
    appendFileSync(path, text, { mode: fileMode });
    appendedBytes += text.length;
    if (appendedBytes > appendedBytesMax) compact();
  };
  const collect = <T>(kind: string, schema: z.ZodType<T>, idOf: (value: T) => string) => {
    const values = new Map<string, T>();
    for (const [id, value] of replayed.get(kind) ?? []) values.set(id, schema.parse(value));
    dumps.push(() => [...values].map(([id, value]) => ({ kind, id, value })));
    return {
      get: (id: string) => values.get(id),
      all: () => [...values.values()],
      put: (value: T) => {
        values.set(idOf(value), value);
        append({ kind, id: idOf(value), value });
      },
      remove: (id: string) => {
        if (values.delete(id)) append({ kind, id });
      },
    } satisfies Collection<T>;
  };

  const store: Store = {
    creators: collect("creator", creatorSchema, (creator) => creator.username),
    grants: collect("grant", grantSchema, (grant) => grantId(grant.clientKey, grant.username)),
    tokens: collect("token", tokenSchema, (token) => token.hash),
    tasks: collect("task", taskSchema, (task) => task.publishId),
    posts: collect("post", postSchema, (post) => post.postId),
    hooks: collect("hook", hookSchema, (hook) => hook.id),
    settings: collect("setting", settingSchema, (setting) => setting.name),
    close: () => {
      isClosed = true;
    },
  };
  compact();
  return store;
}

function replay(path: string): Map<string, Map<string, unknown>> {
  const kinds = new Map<string, Map<string, unknown>>();
  if (!existsSync(path)) return kinds;
  const lines = readFileSync(path, "utf8").split("\n");
  // Text after the last newline was never finished.
  lines.pop();
  for (const text of lines) {
    const line = lineSchema.parse(JSON.parse(text));
    const values = kinds.get(line.kind) ?? new Map<string, unknown>();
    kinds.set(line.kind, values);
    if (line.value === undefined) values.delete(line.id);
    else values.set(line.id, line.value);
  }
  return kinds;
}
