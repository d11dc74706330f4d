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

function canLead(path: string): boolean {
  return isAbsolute(path) && !path.includes('\0') && path.length <= LONGEST_PATH;
}

async function realPathOf(
  path: string,
  resolve: () => string | Promise<string>,
): Promise<string | undefined> {
  if (!canLead(path)) return undefined;
  try {
    return await resolve();
  } catch (error) {
    if (LEADS_NOWHERE.has(errorCode(error))) return undefined;
    throw toRolloutError(error);
  }
}

/**
 * The real path of something in a directory of ours, if that is where the path leads. One that does not even seem to
 * be in there may be on a disk that does not answer, and is not waited for by everybody.
 */
export async function pathInside(
  directory: string,
  path: string,
  files: FileSystem,
): Promise<string | undefined> {
  const seemsOurs = isInside(directory, path);
  const container = await realPathOf(directory, () => files.realpathSync(directory));
  const real = await realPathOf(path, () => (seemsOurs ? files.realpathSync(path) : files.realpath(path)));
  const isOurs = real !== undefined && container !== undefined && isInside(container, real);
  return isOurs ? real : undefined;
}
