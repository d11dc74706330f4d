import { lstat, readlink, realpath } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../config/system-error.ts';

/** As many as the Linux kernel follows. */
const MAX_LINKS = 40;

/**
 * Puts a path of a patch after its directory. Nothing is normalised: clients see the path as the model wrote it
 * (observed).
 */
export function joinPath(directory: string, name: string): string {
  if (path.isAbsolute(name)) return name;
  return directory.endsWith('/') ? directory + name : `${directory}/${name}`;
}

/**
 * Where a write to the path ends up: links followed, also one to nowhere; what does not exist yet is taken as plain
 * directories and a plain file.
 * @throws the system error of a loop of links or an unreadable directory
 */
export async function resolveTarget(file: string, linksLeft = MAX_LINKS): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (!hasCode(error, 'ENOENT') && !hasCode(error, 'ENOTDIR')) throw error;
  }
  const parent = path.dirname(file);
  if (parent === file) return file;
  const name = path.basename(file);
  const directory = await resolveTarget(parent, linksLeft);
  const entry = path.join(directory, name);
  const link = linksLeft > 0 ? await readLink(entry) : undefined;
  return link === undefined ? entry : resolveTarget(path.resolve(directory, link), linksLeft - 1);
}

/** Where the entry of the path itself is, which deleting takes away: its directory resolved, the last link kept. */
export async function resolveEntry(file: string): Promise<string> {
  return path.join(await resolveTarget(path.dirname(file)), path.basename(file));
}

async function readLink(entry: string): Promise<string | undefined> {
  const stats = await lstat(entry).catch(() => undefined);
  return stats?.isSymbolicLink() ? readlink(entry) : undefined;
}
