import type { FileSystem } from './file-system.ts';

/** Bytes that this user could still write on the volume that holds `path`; quotas are not counted. */
export async function freeSpace(files: FileSystem, path: string): Promise<number> {
  const { bsize, bavail, bfree } = await files.statfs(path);
  return bsize * (process.geteuid?.() === 0 ? bfree : bavail);
}
