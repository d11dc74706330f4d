import type { FileHandle } from 'node:fs/promises';
import { type FileSystem, realFileSystem } from '../../../src/core/files/file-system.ts';

/** Operations without waiting that change what the disk has. */
const CHANGES: ReadonlySet<string | symbol> = new Set(['linkSync', 'renameSync', 'unlinkSync']);

/**
 * The real file system, with every asynchronous operation, also those on open files, and every change of a name announced
 * by its number from 0 before it is done. What `before` throws the operation throws; what it waits for the operation waits
 * for, if it can wait.
 * @param opened gets every file that was opened
 */
export function numberedFiles(
  before: (index: number, canWait: boolean) => void | Promise<void>,
  opened: FileHandle[] = [],
): FileSystem {
  let count = 0;
  const announcing = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(from, key) {
        const member: unknown = Reflect.get(from, key);
        if (typeof member !== 'function') return member;
        // Not bound: `await using` refuses a bound method to close with.
        const operation = (...args: unknown[]): unknown => Reflect.apply(member, from, args);
        if (CHANGES.has(key))
          return (...args: unknown[]) => {
            void before(count++, false);
            return operation(...args);
          };
        if (!isAsynchronous(key)) return operation;
        return async (...args: unknown[]) => {
          await before(count++, true);
          const result: unknown = await operation(...args);
          if (key !== 'open') return result;
          const file = result as FileHandle;
          opened.push(file);
          return announcing(file);
        };
      },
    });
  return announcing({ ...realFileSystem });
}

/** Closing changes nothing on the disk. */
const UNCOUNTED: ReadonlySet<string | symbol> = new Set(['close', Symbol.asyncDispose, 'createReadStream']);

const isAsynchronous = (name: string | symbol): boolean =>
  !UNCOUNTED.has(name) && !String(name).endsWith('Sync');
