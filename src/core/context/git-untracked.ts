import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type GitOptions, git } from './git-command.ts';

/** Objects that every git knows, by the length of their repository's ids: SHA-1 and SHA-256. */
const EMPTY = new Map([
  [
    40,
    { tree: '4b825dc642cb6eb9a060e54bf8d69288fbee4904', blob: 'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391' },
  ],
  [
    64,
    {
      tree: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
      blob: '473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813',
    },
  ],
]);

/**
 * Every file below `cwd` that git neither tracks nor ignores, as an addition, with names relative to `cwd`; content that is
 * no text as a binary patch. Repositories inside of the repository are left out.
 *
 * An index of its own that has these files and nothing else lets one command show them all.
 * @param sha any object of the repository
 */
export async function diffUntracked(
  sha: string,
  diffArguments: readonly string[],
  options: GitOptions,
  maxBytes: number,
): Promise<Buffer> {
  const empty = EMPTY.get(sha.length);
  const names = await untrackedNames(options);
  if (names.length === 0 || empty === undefined) return Buffer.alloc(0);
  const folder = await mkdtemp(path.join(tmpdir(), 'codexd-untracked-'));
  try {
    const variables = { GIT_INDEX_FILE: path.join(folder, 'index') };
    const entries = names.map((name) => `100644 ${empty.blob}\t${name}\0`).join('');
    await fillIndex(path.join(folder, 'entries'), entries, { ...options, variables });
    return await git(
      [...diffArguments, '--relative', '--binary', empty.tree, '--'],
      { ...options, variables },
      maxBytes,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Relative to the top folder, byte for byte. A name that ends in a slash is a repository. */
async function untrackedNames(options: GitOptions): Promise<string[]> {
  const output = await git(['ls-files', '--others', '--exclude-standard', '--full-name', '-z'], options);
  const names = output.toString('latin1').split('\0');
  return names.filter((name) => name !== '' && !name.endsWith('/'));
}

/** @param entries as `git update-index --index-info` reads them */
async function fillIndex(file: string, entries: string, options: GitOptions): Promise<void> {
  await using handle = await open(file, 'wx+', 0o600);
  await handle.write(Buffer.from(entries, 'latin1'), 0, undefined, 0);
  await git(['update-index', '-z', '--index-info'], { ...options, stdin: handle.fd });
}
