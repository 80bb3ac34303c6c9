/** What arrived at TikTok, as the sandbox's control API tells it: the demo believes no side about itself. */
import * as z from "zod";

const taskSchema = z.object({
  publishId: z.string(),
  status: z.string(),
  sha256: z.string().nullable(),
  uploadedBytes: z.number(),
  chunks: z.array(z.object({ firstByteAtMs: z.number(), lastByteAtMs: z.number() })),
});
const postSchema = z.object({ postId: z.string(), sha256: z.string(), url: z.string() });

export interface TikTokSide {
  posts: z.infer<typeof postSchema>[];
  /** Tasks that got bytes; more than one means that a publication was sent again. */
  tasks: z.infer<typeof taskSchema>[];
}

/** `known` is what was there before; only what has come since is answered. */
export async function readTikTokSide(
  sandboxUrl: string,
  known: TikTokSide = { posts: [], tasks: [] },
): Promise<TikTokSide> {
  const read = async (path: string) => (await fetch(`${sandboxUrl}/sandbox/api/${path}`)).json();
  const { posts } = z.object({ posts: z.array(postSchema) }).parse(await read("posts"));
  const { tasks } = z.object({ tasks: z.array(taskSchema) }).parse(await read("tasks"));
  const isNewPost = ({ postId }: { postId: string }) =>
    known.posts.every((post) => post.postId !== postId);
  const isNewTask = ({ publishId }: { publishId: string }) =>
    known.tasks.every((task) => task.publishId !== publishId);
  return {
    posts: posts.filter(isNewPost),
    tasks: tasks.filter((task) => task.uploadedBytes > 0 && isNewTask(task)),
  };
}

/** Seconds from the first byte of the first chunk to the last byte of the last; null when nothing was sent. */
export function relayTimes(side: TikTokSide): { firstMs: number; lastMs: number } | null {
  const chunks = side.tasks.flatMap((task) => task.chunks);
  if (chunks.length === 0) return null;
  return {
    firstMs: Math.min(...chunks.map((chunk) => chunk.firstByteAtMs)),
    lastMs: Math.max(...chunks.map((chunk) => chunk.lastByteAtMs)),
  };
}
