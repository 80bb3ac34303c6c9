/** Files by handle (File System Access, Chromium): read in silence while that is permitted, or after asking. */
export type HandleAnswer =
  | { type: "file"; file: File }
  /** The browser wants the creator's word, which it takes only during a click. */
  | { type: "ask" }
  /** Moved, removed or denied. */
  | { type: "gone" };

/** Not in TypeScript's library yet (https://wicg.github.io/file-system-access/#api-filesystemhandle). */
type PermittedHandle = FileSystemFileHandle & {
  queryPermission?(wanted: { mode: "read" }): Promise<PermissionState>;
  requestPermission?(wanted: { mode: "read" }): Promise<PermissionState>;
};

export async function readHandle(
  handle: FileSystemFileHandle,
  { mayAsk }: { mayAsk: boolean },
): Promise<HandleAnswer> {
  const permitted: PermittedHandle = handle;
  try {
    const wanted = { mode: "read" } as const;
    let permission = (await permitted.queryPermission?.(wanted)) ?? "granted";
    if (permission === "prompt" && mayAsk) {
      permission = (await permitted.requestPermission?.(wanted)) ?? "denied";
    }
    if (permission === "prompt") return { type: "ask" };
    if (permission === "denied") return { type: "gone" };
    return { type: "file", file: await handle.getFile() };
  } catch {
    return { type: "gone" };
  }
}
