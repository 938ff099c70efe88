// Files that were dropped or chosen, as a folder that src/checkpoints reads: ranges, nothing kept.
import type { FolderReader } from "../../checkpoints/folder";

export function droppedFolder(files: readonly File[]): FolderReader {
  const all = new Map(files.map((file) => [file.name, file]));
  return {
    size: async (name) => all.get(name)?.size,
    async read(name, begin, end) {
      const file = all.get(name);
      if (!file) throw new Error(`${name}: there is no such file`);
      return new Uint8Array(await file.slice(begin, end).arrayBuffer());
    },
  };
}
