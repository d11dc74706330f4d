import { constants } from 'node:fs';
import path from 'node:path';
import type { FileSystem } from '../files/file-system.ts';
import { lockDescriptor } from '../files/kernel-lock.ts';
import { followLinks, removeLeftBehind, replaceFile, syncInPlace } from '../files/replace-file.ts';
import { ConfigError, decode, readSource, type Source } from './load.ts';

const ATTEMPTS = 5;
/** An edit takes milliseconds; who holds the lock for longer is stuck. */
const LOCK_WAIT_SECONDS = 10;
const PRIVATE = 0o600;

/**
 * Changes `config.toml` so that it survives a power cut (REL-WR-2, REL-MP-6). Daemons wait for each other; when another
 * program changes the file meanwhile, the edit is made again on what it wrote. A symbolic link and the file's mode stay.
 * @param edit gets the text and returns the new one; called again after a change by others
 * @throws ConfigError of kind `unreadable`, or `conflict` when the file never holds still
 * @throws what `edit` throws, and the system's errors
 */
export async function editConfigFile(
  codexHome: string,
  edit: (text: string) => string,
  files: FileSystem,
): Promise<void> {
  const lock = await lockConfig(codexHome, files);
  try {
    await editUnderLock(path.join(codexHome, 'config.toml'), edit, files);
  } finally {
    await lock.close();
  }
}

async function lockConfig(codexHome: string, files: FileSystem) {
  const folder = path.join(codexHome, 'codexd');
  await files.mkdir(folder, { recursive: true, mode: 0o700 });
  const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK;
  const lock = await files.open(path.join(folder, 'config.lock'), flags, PRIVATE);
  try {
    const outcome = await lockDescriptor(lock.fd, LOCK_WAIT_SECONDS);
    // Where no lock can be had at all, the comparison before the replacement has to do.
    if (outcome === 'held') throw new ConfigError('conflict', 'config.toml is locked by another process');
    return lock;
  } catch (error) {
    await lock.close();
    throw error;
  }
}

async function editUnderLock(file: string, edit: (text: string) => string, files: FileSystem): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const target = await followLinks(file, files);
    await removeLeftBehind(target, files);
    const source = await readSource(target, files);
    const bytes = source?.bytes ?? Buffer.alloc(0);
    const content = editBytes(bytes, edit, file);
    if (source !== undefined && bytes.equals(content)) return syncInPlace(target, files);
    if (bytes.equals(content)) return;
    const mayReplace = async () => isUnchanged(source, await readSource(target, files));
    const mode = source?.mode ?? PRIVATE;
    if (await replaceFile({ path: target, content, mode, mayReplace }, files)) return;
  }
  throw new ConfigError('conflict', `config.toml was changed by others during each of ${ATTEMPTS} attempts`);
}

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

function editBytes(bytes: Buffer, edit: (text: string) => string, file: string): Buffer {
  const edited = Buffer.from(edit(decode(bytes, file)));
  const isMarked = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
  return isMarked ? Buffer.concat([BYTE_ORDER_MARK, edited]) : edited;
}

function isUnchanged(before: Source | undefined, now: Source | undefined): boolean {
  if (before === undefined || now === undefined) return before === now;
  return before.bytes.equals(now.bytes);
}
