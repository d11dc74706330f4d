import { lstat } from 'node:fs/promises';
import path from 'node:path';

/** The nearest directory above a file that holds a `.git` of any kind. */
export async function findGitRoot(file: string): Promise<string | undefined> {
  for (let directory = path.dirname(file); ; directory = path.dirname(directory)) {
    const stats = await lstat(path.join(directory, '.git')).catch(() => undefined);
    if (stats) return directory;
    if (directory === path.dirname(directory)) return undefined;
  }
}
