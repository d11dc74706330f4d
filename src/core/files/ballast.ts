import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { writeAll } from './byte-range.ts';
import type { FileSystem } from './file-system.ts';
import { freeSpace } from './free-space.ts';

/** A file whose only purpose is to be given up when the disk is full. */
export interface Ballast {
  /** Makes the file unless it is there. False when there is no room for it, or it cannot be made. */
  make(): Promise<boolean>;
  /** Removes the file; not being able to is no error. */
  giveBack(): Promise<void>;
}

/** So much more than the ballast has to be free that making it does not fill the disk again. */
const ROOM_FACTOR = 2;

export function ballast(path: string, bytes: number, files: FileSystem): Ballast {
  const exists = (): Promise<boolean> =>
    files.stat(path).then(
      ({ size }) => size >= bytes,
      () => false,
    );
  const giveBack = (): Promise<void> => files.rm(path, { force: true }).catch(() => undefined);

  const write = async (): Promise<void> => {
    await using file = await files.open(path, 'w', 0o600);
    // Some file systems store zeros without taking space.
    await writeAll(file, randomBytes(bytes), null);
    await file.sync();
  };
  return {
    giveBack,
    async make() {
      if (await exists()) return true;
      try {
        await files.mkdir(dirname(path), { recursive: true, mode: 0o700 });
        if ((await freeSpace(files, dirname(path))) < ROOM_FACTOR * bytes) return false;
        await write();
        return true;
      } catch {
        await giveBack();
        return false;
      }
    },
  };
}
