import { lstatSync, mkdirSync, rmdirSync } from 'node:fs';
import { hasCode } from '../config/system-error.ts';

export interface Placeholders {
  /**
   * Sees to it that there is something at `path` until the release, and says what.
   * `impossible`: nothing is there, and this user may not put anything there.
   */
  hold(path: string): Held;
}

export interface Held {
  readonly found: 'file-or-folder' | 'link' | 'placeholder' | 'impossible';
  release(): void;
}

const NOT_OURS_TO_MAKE = ['EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR'];
/** In use, gone, or in a folder that a command has locked: an empty folder may stay then. */
const KEPT = ['ENOTEMPTY', 'EEXIST', 'EBUSY', 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS'];

/**
 * Empty folders where a mount needs something to cover, such as the `.git` of a folder that is no repository yet.
 * They are removed with their last user, unless somebody has put something in. All calls are synchronous, so that the
 * count of users and the folder cannot disagree.
 */
export function createPlaceholders(): Placeholders {
  const users = new Map<string, number>();

  function share(path: string, count: number): Held {
    users.set(path, count + 1);
    let held = true;
    return {
      found: 'placeholder',
      release() {
        if (held) leave(path);
        held = false;
      },
    };
  }

  function leave(path: string): void {
    const left = (users.get(path) ?? 1) - 1;
    if (left > 0) {
      users.set(path, left);
      return;
    }
    users.delete(path);
    removeEmpty(path);
  }

  return {
    hold(path) {
      const there = kindOf(path);
      const count = users.get(path);
      if (there === undefined) {
        return makeFolder(path) ? share(path, count ?? 0) : { found: 'impossible', release() {} };
      }
      if (count !== undefined && there !== 'link') return share(path, count);
      return { found: there, release() {} };
    },
  };
}

function kindOf(path: string): 'file-or-folder' | 'link' | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? 'link' : 'file-or-folder';
  } catch (error) {
    if (hasAny(error, NOT_OURS_TO_MAKE)) return undefined;
    throw error;
  }
}

function makeFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (hasAny(error, NOT_OURS_TO_MAKE)) return false;
    throw error;
  }
}

function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!hasAny(error, KEPT)) throw error;
  }
}

function hasAny(error: unknown, codes: readonly string[]): boolean {
  return codes.some((code) => hasCode(error, code));
}
