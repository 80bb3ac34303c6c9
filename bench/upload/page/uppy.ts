/** One file through either version of Uppy: the calls are the same, their types are not. */

/** As much of `@uppy/core` as is used here. */
interface Uppy {
  use(plugin: unknown, options: object): unknown;
  addFile(file: { name: string; type: string; data: File }): string;
  upload(): Promise<{ successful?: unknown[]; failed?: { error?: unknown }[] } | undefined>;
}

export async function runUppy(core: unknown, plugin: unknown, options: object, file: File) {
  const uppy = core as Uppy;
  // Their defaults in all else: chunk size, number of connections, retries.
  uppy.use(plugin, { shouldUseMultipart: true, ...options });
  uppy.addFile({ name: file.name, type: file.type || "video/mp4", data: file });
  const result = await uppy.upload();
  if (result?.successful?.length === 1) return;
  throw new Error(`Uppy did not upload the file: ${String(result?.failed?.[0]?.error)}`);
}

/** One request to the backend that signs; throws when it is refused. */
export async function ask<Answer>(
  path: string,
  body: object,
  signal?: AbortSignal,
): Promise<Answer> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}
