import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import {
  access,
  chmod,
  type FileHandle,
  lstat,
  mkdir,
  open,
  rename,
  rm,
  unlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../config/system-error.ts';
import type { FileOperations } from './file-operations.ts';
import { resolveTarget } from './resolve-path.ts';

/** @param umask of the user, for what is new: the daemon's own is stricter */
export function diskOperations({ umask }: { umask: number }): FileOperations {
  return {
    createParents: async (file) => createDirectories(path.dirname(await resolveTarget(file)), umask),
    write: (file, content) => writeThroughLinks(file, content, 0o666 & ~umask),
    remove: unlink,
  };
}

async function createDirectories(directory: string, umask: number): Promise<void> {
  const first = await mkdir(directory, { recursive: true });
  if (first === undefined) return;
  for (let created = directory; created.length >= first.length; created = path.dirname(created)) {
    await chmod(created, 0o777 & ~umask);
  }
}

async function writeThroughLinks(file: string, content: string, newMode: number): Promise<void> {
  if (/\/\.{0,2}$/.test(file)) throw new Error(`${file} names a directory`);
  const target = await resolveTarget(file);
  const existing = await statOrUndefined(target);
  if (existing && !existing.isFile()) throw new Error(`${target} is not a regular file`);
  if (existing) await access(target, constants.W_OK);
  const replaced = await replaceFile(target, content, existing, newMode);
  if (!replaced) await writeFile(target, content);
}

async function statOrUndefined(file: string): Promise<Stats | undefined> {
  try {
    return await lstat(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** A file may be writable although its directory is not, or be a mount of its own. */
const NOT_REPLACEABLE = ['EACCES', 'EPERM', 'EBUSY'];

/**
 * Puts a new file in the place of the old one.
 * @returns false, with nothing done, where that cannot be, or would cost the file its owner or its other names
 */
async function replaceFile(
  target: string,
  content: string,
  existing: Stats | undefined,
  newMode: number,
): Promise<boolean> {
  if (existing && existing.nlink > 1) return false;
  const temporary = path.join(path.dirname(target), `.codexd-${randomBytes(8).toString('hex')}.tmp`);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    const kept = await fill(handle, content, existing, newMode);
    if (kept) await rename(temporary, target);
    else await rm(temporary);
    return kept;
  } catch (error) {
    await rm(temporary, { force: true });
    if (existing && NOT_REPLACEABLE.some((code) => hasCode(error, code))) return false;
    throw error;
  }
}

/** @returns false when the new file's owner is not that of the file it is to replace */
async function fill(
  handle: FileHandle,
  content: string,
  existing: Stats | undefined,
  newMode: number,
): Promise<boolean> {
  try {
    const { uid, gid } = await handle.stat();
    if (existing && (existing.uid !== uid || existing.gid !== gid)) return false;
    await handle.writeFile(content);
    await handle.chmod(existing ? existing.mode & 0o7777 : newMode);
    await handle.sync();
    return true;
  } finally {
    await handle.close();
  }
}
