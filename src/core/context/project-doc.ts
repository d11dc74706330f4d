import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { findGitRoot } from './git-info.ts';

const FILE_NAME = 'AGENTS.md';
const SEPARATOR = '\n\n--- project-doc ---\n\n';

/**
 * The user's standing instructions: `$CODEX_HOME/AGENTS.md`, then the `AGENTS.md` of every folder from the repository's
 * top down to `cwd` (outside of a repository only that of `cwd`), the latter cut at `maxBytes` in all; 0 leaves them
 * out. `undefined` when there are none (protocol-v1, section 19.4).
 */
export async function userInstructions(
  codexHome: string,
  cwd: string,
  maxBytes: number,
): Promise<string | undefined> {
  const [home, project] = await Promise.all([
    readText(path.join(codexHome, FILE_NAME)),
    projectDoc(cwd, maxBytes),
  ]);
  const parts = [home?.trim(), project].filter((part) => part !== undefined && part !== '');
  return parts.length === 0 ? undefined : parts.join(SEPARATOR);
}

async function projectDoc(cwd: string, maxBytes: number): Promise<string | undefined> {
  const parts: string[] = [];
  let left = maxBytes;
  for (const folder of searchFolders(cwd)) {
    if (left <= 0) break;
    const bytes = await readBytes(path.join(folder, FILE_NAME), left);
    if (bytes === undefined) continue;
    left -= bytes.length;
    const text = bytes.toString('utf8');
    if (text.trim() !== '') parts.push(text);
  }
  return parts.length === 0 ? undefined : parts.join('\n\n');
}

function searchFolders(cwd: string): string[] {
  const root = findGitRoot(cwd) ?? cwd;
  const below = path.relative(root, cwd).split(path.sep).filter(Boolean);
  return [root, ...below.map((_, depth) => path.join(root, ...below.slice(0, depth + 1)))];
}

/** At most `limit` bytes of a file; `undefined` when there is no such file that can be read. */
async function readBytes(file: string, limit: number): Promise<Buffer | undefined> {
  if (!existsSync(file)) return undefined;
  try {
    await using handle = await open(file);
    const buffer = Buffer.alloc(Math.min(limit, (await handle.stat()).size));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } catch {
    return undefined;
  }
}

async function readText(file: string): Promise<string | undefined> {
  if (!existsSync(file)) return undefined;
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}
