import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import path from 'node:path';
import type { FileSystem } from './file-system.ts';

export interface Replacement {
  /** Where the file is; a symbolic link at this place would be replaced itself, see `followLinks`. */
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Permission bits of the new file. */
  readonly mode: number;
  /** Asked when all is ready, right before the old file goes: `false` leaves it as it is. */
  readonly mayReplace: () => Promise<boolean>;
}

const MAX_LINKS = 20;
/** A temporary file lives for milliseconds. */
const LEFT_BEHIND_MS = 60_000;

/**
 * Puts a new file in place of the old one. Nobody ever sees half of it, and when the promise is kept it survives a power
 * cut. Throws the system's errors.
 * @returns `false` when it was not to be replaced any more
 */
export async function replaceFile(replacement: Replacement, files: FileSystem): Promise<boolean> {
  const folder = path.dirname(replacement.path);
  const temporary = `${temporaryPrefix(replacement.path)}${randomBytes(8).toString('hex')}.tmp`;
  try {
    await createDurably(temporary, replacement, files);
    if (!(await replacement.mayReplace())) return false;
    await files.rename(temporary, replacement.path);
  } finally {
    await files.rm(temporary, { force: true });
  }
  await syncFolder(folder, files);
  return true;
}

/** Makes a file durable that somebody else, or a replacement that failed at its end, may have put there. */
export async function syncInPlace(file: string, files: FileSystem): Promise<void> {
  {
    await using opened = await files.open(file, constants.O_RDONLY);
    await opened.sync();
  }
  await syncFolder(path.dirname(file), files);
}

/** Removes what writers of the file that were killed have left behind. */
export async function removeLeftBehind(file: string, files: FileSystem): Promise<void> {
  const folder = path.dirname(file);
  const prefix = path.basename(temporaryPrefix(file));
  const names = (await files.readdir(folder)).filter(
    (name) => name.startsWith(prefix) && /^[0-9a-f]{16}\.tmp$/.test(name.slice(prefix.length)),
  );
  for (const name of names) await removeOld(path.join(folder, name), files);
}

/** The end of a chain of symbolic links, which need not exist. */
export async function followLinks(file: string, files: FileSystem): Promise<string> {
  let target = file;
  for (let links = 0; links < MAX_LINKS; links += 1) {
    const link = await readLink(target, files);
    if (link === undefined) return target;
    target = path.resolve(path.dirname(target), link);
  }
  throw new Error(`${file} leads through more than ${MAX_LINKS} symbolic links`);
}

const temporaryPrefix = (file: string): string => path.join(path.dirname(file), `.${path.basename(file)}.`);

async function createDurably(
  temporary: string,
  { content, mode }: Replacement,
  files: FileSystem,
): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  await using file = await files.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  await file.chmod(mode);
  await file.writeFile(content);
  await file.sync();
}

async function syncFolder(path: string, files: FileSystem): Promise<void> {
  await using folder = await files.open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  await folder.sync();
}

async function removeOld(file: string, files: FileSystem): Promise<void> {
  const stats = await files.lstat(file).catch(() => undefined);
  if (stats !== undefined && Date.now() - stats.mtimeMs > LEFT_BEHIND_MS)
    await files.rm(file, { force: true });
}

async function readLink(file: string, files: FileSystem): Promise<string | undefined> {
  try {
    return await files.readlink(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EINVAL' || code === 'ENOENT') return undefined;
    throw error;
  }
}
