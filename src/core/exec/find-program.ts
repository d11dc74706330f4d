import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

/**
 * The file that a command's first word names, as the system would find it.
 * @param path a PATH; folders that are not absolute are passed over
 * @param cwd where a word with a slash begins
 * @returns an absolute path; `undefined` when there is no such program, or none that can be looked at
 */
export async function findProgram(
  name: string,
  path: string | undefined,
  cwd: string,
): Promise<string | undefined> {
  const folders = (path ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  const candidates = name.includes('/') ? [resolve(cwd, name)] : folders.map((folder) => join(folder, name));
  for (const candidate of candidates) if (await isProgram(candidate)) return candidate;
  return undefined;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
