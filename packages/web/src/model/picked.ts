/**
 * Files that a creator dropped, pasted or chose, with the browser's handle where it gives one: by a handle the file is
 * found again after a reload, without asking.
 */
export type Picked = { file: File; handle: FileSystemFileHandle | null };

type OpenFilePicker = (options: {
  multiple: boolean;
  types: { description: string; accept: Record<string, string[]> }[];
}) => Promise<FileSystemFileHandle[]>;

/** Chromium has it, others do not yet (https://developer.mozilla.org/docs/Web/API/Window/showOpenFilePicker). */
export function openFilePicker(): OpenFilePicker | null {
  const found = (window as { showOpenFilePicker?: OpenFilePicker }).showOpenFilePicker;
  return typeof found === "function" ? found.bind(window) : null;
}

export function pickedFiles(files: Iterable<File>): Picked[] {
  return Array.from(files, (file) => ({ file, handle: null }));
}

/** Must be called while the event is handled: what was dropped is gone afterwards. Folders are left out. */
export async function pickedItems(items: Iterable<DataTransferItem>): Promise<Picked[]> {
  const found = Array.from(items)
    .filter((item) => item.kind === "file")
    .map(async (item): Promise<Picked | null> => {
      const isFolder = item.webkitGetAsEntry?.()?.isDirectory === true;
      const file = item.getAsFile();
      const handle = await handleOf(item);
      return file === null || isFolder ? null : { file, handle };
    });
  return (await Promise.all(found)).filter((picked) => picked !== null);
}

export async function pickedHandles(handles: readonly FileSystemFileHandle[]): Promise<Picked[]> {
  return Promise.all(handles.map(async (handle) => ({ file: await handle.getFile(), handle })));
}

async function handleOf(item: DataTransferItem): Promise<FileSystemFileHandle | null> {
  const withHandle = item as DataTransferItem & {
    getAsFileSystemHandle?: () => Promise<FileSystemHandle | null>;
  };
  // Not every browser has it, and a file out of a mail or an archive has no handle.
  const handle = await withHandle.getAsFileSystemHandle?.().catch(() => null);
  return handle?.kind === "file" ? (handle as FileSystemFileHandle) : null;
}
