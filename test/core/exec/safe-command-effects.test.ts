import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type CommandResult, runCommand, SpawnError } from '../../../src/core/exec/run.ts';
import { isKnownSafe } from '../../../src/core/exec/safe-command.ts';
import { asScript, doubtfulCommand, joined } from './command-grammar.ts';

const PATH = process.env.PATH ?? '/usr/bin:/bin';
const SAFE_RUNS = 300;
const BATCH = 10;

let root: string;
let project: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'safe-command-'));
  project = path.join(root, 'project');
  await makeProject();
});
afterEach(() => rm(root, { recursive: true, force: true }));

function run(command: readonly string[]): Promise<CommandResult> {
  const env = { PATH, HOME: path.join(root, 'home'), LC_ALL: 'C.UTF-8' };
  return runCommand({ command, cwd: project, env, timeoutMs: 10_000 });
}

async function git(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run(['git', ...args]);
  expect(exitCode, stderr).toBe(0);
  return stdout.trim();
}

/** Some names are options once a wildcard stands for them. */
const FILES: Readonly<Record<string, string>> = {
  'a.txt': 'a\nb\nc\n',
  'b.txt': 'b\n',
  'src/b.ts': 'export const b = 1;\n',
  '1p': 'a\n',
  '-delete': '',
  '-i.txt': '',
  '--output=loot': '',
  '--pre=./touch-loot': '#!/bin/sh\ntouch loot\n',
  'touch-loot': '#!/bin/sh\ntouch loot\n',
};

async function makeProject(): Promise<void> {
  await mkdir(path.join(root, 'home'));
  for (const [name, content] of Object.entries(FILES)) {
    const file = path.join(project, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content, { mode: name.endsWith('touch-loot') ? 0o755 : 0o644 });
    // git renews its index on reading unless the files are older
    await utimes(file, 1e9, 1e9);
  }
  await git('init', '--quiet', '--template=', '--initial-branch=main');
  await git('config', 'user.name', 'Ann');
  await git('config', 'user.email', 'ann@example.test');
  await git('add', '--', '.');
  await git('commit', '--quiet', '--message=first');
  await pretendSignature();
  await git('branch', 'topic');
  await git('tag', 'v1');
  await writeFile(path.join(project, 'b.txt'), 'changed\n');
}

/** Git starts gpg for a commit that carries any signature. */
async function pretendSignature(): Promise<void> {
  const signature = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ\n -----END PGP SIGNATURE-----';
  const file = path.join(root, 'commit');
  const commit = await git('cat-file', 'commit', 'HEAD');
  await writeFile(file, commit.replace(/^committer .*$/m, `$&\n${signature}`));
  await git('update-ref', 'HEAD', await git('hash-object', '-t', 'commit', '-w', file));
}

/** Name, mode and content of every file under the root, the repository and the home folder among them. */
async function snapshot(): Promise<string[]> {
  const names = await readdir(root, { recursive: true });
  return Promise.all(
    names.toSorted().map(async (name) => {
      const file = path.join(root, name);
      const stat = await lstat(file);
      const content = stat.isFile() ? await readFile(file) : '';
      const hash = createHash('sha256').update(content).digest('hex');
      return `${name} ${stat.mode.toString(8)} ${hash}`;
    }),
  );
}

/** `undefined` when this machine lacks the program. */
async function runIfInstalled(command: readonly string[]): Promise<CommandResult | undefined> {
  try {
    return await run(command);
  } catch (error) {
    if (error instanceof SpawnError) return undefined;
    throw error;
  }
}

const isInstalled = (program: string) =>
  PATH.split(path.delimiter).some((folder) => existsSync(path.join(folder, program)));

test('what is called safe changes no file, no mode, no branch and nothing at home', async () => {
  const script = doubtfulCommand.chain(asScript);
  const scripts = fc.oneof(script, joined(script, script)).map((text) => ['bash', '-lc', text]);
  const safe = fc.oneof(doubtfulCommand, scripts).filter(isKnownSafe);
  const before = await snapshot();
  let ended = 0;
  const property = fc.asyncProperty(
    fc.array(safe, { minLength: BATCH, maxLength: BATCH, size: 'max' }),
    async (commands) => {
      const results = await Promise.all(commands.map(runIfInstalled));
      ended += results.filter((result) => result && !result.timedOut).length;
      expect(await snapshot()).toEqual(before);
    },
  );
  await fc.assert(property, { numRuns: SAFE_RUNS / BATCH, endOnFailure: true });
  expect(ended).toBeGreaterThan(SAFE_RUNS / 2);
});

test.each<[program: string, command: string[]]>([
  ['git', ['git', 'branch', 'new']],
  ['git', ['git', 'branch', '-v', 'new']],
  ['git', ['git', 'branch', '-D', 'topic']],
  ['git', ['git', 'branch', '--format', '--list', 'new']],
  ['git', ['git', 'branch', '--list', '--no-list', 'new']],
  ['git', ['git', 'log', '--output', 'loot']],
  ['gpg', ['git', 'log', '--format=%G?']],
  ['gpg', ['git', 'log', '--show-signature']],
  ['git', ['bash', '-lc', 'git diff --o*']],
  ['sed', ['sed', '-n', '1p', '-ewloot']],
  ['sed', ['bash', '-lc', 'sed -n 1p *.txt']],
  ['find', ['bash', '-lc', 'find src \\-delete']],
  ['find', ['bash', '-lc', 'find src -d*']],
  ['rg', ['bash', '-lc', 'rg a */touch-loot']],
])('with %s, %j would change something, and is not called safe', async (program, command) => {
  expect(isKnownSafe(command)).toBe(false);
  if (!isInstalled(program)) return;
  const before = await snapshot();
  await run(command);
  expect(await snapshot()).not.toEqual(before);
});
