import { isAbsolute, relative, sep } from 'node:path';
import type { FileSystem } from '../files/file-system.ts';
import { errorCode, toRolloutError } from './errors.ts';

/** Anything else is trouble with the disk, and says nothing of the path. */
const LEADS_NOWHERE: ReadonlySet<string | undefined> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ELOOP',
  'ENAMETOOLONG',
]);
const LONGEST_PATH = 4096;

/** True for the directory itself, too. */
function isInside(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function realPathOf(path: string, files: FileSystem): Promise<string | undefined> {
  if (!isAbsolute(path) || path.includes('\0') || path.length > LONGEST_PATH) return undefined;
  return files.realpath(path).catch((error) => {
    if (LEADS_NOWHERE.has(errorCode(error))) return undefined;
    throw toRolloutError(error);
  });
}

/** The real path of something in a directory, if that is where the path leads. */
export async function pathInside(
  directory: string,
  path: string,
  files: FileSystem,
): Promise<string | undefined> {
  const container = await realPathOf(directory, files);
  const real = await realPathOf(path, files);
  const isOurs = real !== undefined && container !== undefined && isInside(container, real);
  return isOurs ? real : undefined;
}
