import { lstat, readlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { hasCode } from '../config/system-error.ts';

export interface RealPath {
  /** Without any symbolic link. */
  readonly path: string;
  /** Where the symbolic links are that lead there, each without links above it. */
  readonly links: readonly string[];
}

/** As many as Linux follows. */
const MAX_LINKS = 40;
const UNREACHABLE = ['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'];

/** Like `realpath`, but tells the links on the way. `undefined` when the path leads nowhere we can go. */
export async function followLinks(path: string): Promise<RealPath | undefined> {
  const links: string[] = [];
  const rest = names(resolve(path));
  let real = '/';
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const next = join(real, name);
    const target = await unlessUnreachable(targetOf(next));
    if (target === undefined) return undefined;
    if (target === null) {
      real = next;
      continue;
    }
    if (links.push(next) > MAX_LINKS) return undefined;
    rest.unshift(...names(resolve(real, target)));
    real = '/';
  }
  return { path: real, links };
}

/** The result, or `undefined` when there is no such path or no way to it. */
export async function unlessUnreachable<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (UNREACHABLE.some((code) => hasCode(error, code))) return undefined;
    throw error;
  }
}

async function targetOf(path: string): Promise<string | null> {
  return (await lstat(path)).isSymbolicLink() ? readlink(path) : null;
}

function names(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}
