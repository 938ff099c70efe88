// A folder on the disk as src/checkpoints reads folders: ranges of files, nothing kept.
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import type { FolderReader } from "../checkpoints/folder";

export function diskFolder(path: string): FolderReader {
  return {
    async size(file) {
      const found = await stat(join(path, file)).catch(() => undefined);
      return found?.isFile() ? found.size : undefined;
    },
    async read(file, begin, end) {
      const handle = await open(join(path, file));
      try {
        const bytes = new Uint8Array(end - begin);
        const { bytesRead } = await handle.read(bytes, 0, bytes.length, begin);
        return bytes.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    },
  };
}
