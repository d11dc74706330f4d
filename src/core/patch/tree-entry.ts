import { createHash } from 'node:crypto';
import { lstat, readlink } from 'node:fs/promises';
import { readRegularFile } from './read-text.ts';

/** What stands at a path, as git would store it. */
export interface TreeEntry {
  readonly mode: '100644' | '100755' | '120000';
  readonly bytes: Buffer;
}

const ABSENT_BLOB = '0'.repeat(40);

/** @returns `undefined` when there is neither a file nor a link, or when it cannot be read */
export async function readTreeEntry(file: string): Promise<TreeEntry | undefined> {
  try {
    const stats = await lstat(file);
    if (stats.isSymbolicLink()) return { mode: '120000', bytes: await readlink(file, 'buffer') };
    return { mode: stats.mode & 0o111 ? '100755' : '100644', bytes: await readRegularFile(file) };
  } catch {
    return undefined;
  }
}

/** Git's SHA-1 name of a blob, in hex; zeros for none. */
export function blobId(entry: TreeEntry | undefined): string {
  if (!entry) return ABSENT_BLOB;
  return createHash('sha1').update(`blob ${entry.bytes.length}\0`).update(entry.bytes).digest('hex');
}
