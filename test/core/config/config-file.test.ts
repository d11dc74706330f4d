import { execFile } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'smol-toml';
import { describe, expect, onTestFinished, test } from 'vitest';
import { editConfigFile } from '../../../src/core/config/config-file.ts';
import { setKey } from '../../../src/core/config/toml-edit.ts';
import { type FileSystem, realFileSystem } from '../../../src/core/files/file-system.ts';
import { countingFiles } from '../../support/faulty-files.ts';
import { holdLock } from '../files/held-lock.ts';

function createHome(text?: string) {
  const home = mkdtempSync(path.join(os.tmpdir(), 'codexd-config-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const file = path.join(home, 'config.toml');
  if (text !== undefined) writeFileSync(file, text);
  return {
    home,
    file,
    text: () => readFileSync(file, 'utf8'),
    edit: (key: string, files: FileSystem = realFileSystem) =>
      editConfigFile(home, (before) => setKey(before, [], key, 'v'), files),
  };
}

const modeOf = (file: string): number => statSync(file).mode & 0o777;

describe('an edit of config.toml', () => {
  test('makes a file that only its owner reads, and leaves nothing else behind', async () => {
    const { home, file, edit, text } = createHome();
    await edit('k');
    expect([text(), modeOf(file), readdirSync(home)]).toEqual([
      'k = "v"\n',
      0o600,
      ['codexd', 'config.toml'],
    ]);
    expect(modeOf(path.join(home, 'codexd'))).toBe(0o700);
  });

  test('keeps the mode, the byte order mark and a symbolic link', async () => {
    const { home, file, edit } = createHome();
    const real = path.join(home, 'dotfiles/codex.toml');
    mkdirSync(path.dirname(real));
    writeFileSync(real, '\ufeffa = 1\n');
    chmodSync(real, 0o640);
    symlinkSync('dotfiles/codex.toml', file);
    await edit('k');
    expect([readFileSync(real, 'utf8'), modeOf(real)]).toEqual(['\ufeffa = 1\nk = "v"\n', 0o640]);
    expect(readlinkSync(file)).toBe('dotfiles/codex.toml');
    rmSync(real);
    await edit('l');
    expect([readFileSync(real, 'utf8'), lstatSync(file).isSymbolicLink()]).toEqual(['l = "v"\n', true]);
  });

  test('that changes nothing does not touch the file', async () => {
    const { file, edit } = createHome('k = "v"\n');
    utimesSync(file, 1, 1);
    await edit('k');
    expect(statSync(file).mtimeMs).toBe(1000);
  });

  test('is on disk before it is done: the file before it gets its name, the name afterwards', async () => {
    const { home, file, edit } = createHome('a = 1\n');
    const files = countingFiles();
    await edit('k', files);
    const names = files.operations
      .filter(({ name, path: at }) => name === 'rename' || (name === 'handle.sync' && at !== undefined))
      .map(({ name, path: at, target }) => [name, target ?? (at === home ? 'folder' : 'temporary')]);
    expect(names).toEqual([
      ['handle.sync', 'temporary'],
      ['rename', file],
      ['handle.sync', 'folder'],
    ]);
  });

  test('either succeeds or leaves the old file, whatever operation fails', async () => {
    const counted = countingFiles();
    await createHome('a = 1\n').edit('k', counted);
    expect(counted.operations.length).toBeGreaterThan(15);
    for (const { index } of counted.operations) {
      const { home, text, edit } = createHome('a = 1\n');
      const files = countingFiles({ fail: (operation) => (operation.index === index ? 'EIO' : undefined) });
      const done = await edit('k', files).then(
        () => true,
        () => false,
      );
      const after = text();
      expect(['a = 1\n', 'a = 1\nk = "v"\n'], `operation ${index}`).toContain(after);
      if (done) expect(after, `operation ${index}`).toContain('k = "v"');
      await edit('k');
      expect(text()).toBe('a = 1\nk = "v"\n');
      const isRemoval = counted.operations[index - 1]?.name === 'rm';
      expect(readdirSync(home).length, `operation ${index}`).toBe(isRemoval ? readdirSync(home).length : 2);
    }
  });

  test('removes what a writer that was killed has left behind, but nothing that is new', async () => {
    const { home, edit } = createHome();
    const names = [
      '.config.toml.0123456789abcdef.tmp',
      '.config.toml.fedcba9876543210.tmp',
      '.config.toml.tmp',
    ];
    for (const name of names) writeFileSync(path.join(home, name), '');
    for (const name of [names[0], names[2]]) utimesSync(path.join(home, name ?? ''), 1, 1);
    await edit('k');
    expect(readdirSync(home)).toEqual([names[1], names[2], 'codexd', 'config.toml']);
  });

  test('is refused when the file is no file, or not text', async () => {
    const { file, edit } = createHome();
    mkdirSync(file);
    await expect(edit('k')).rejects.toMatchObject({
      kind: 'unreadable',
      message: expect.stringContaining('directory'),
    });
    rmSync(file, { recursive: true });
    writeFileSync(file, Uint8Array.of(0xff, 0xfe));
    await expect(edit('k')).rejects.toMatchObject({
      kind: 'unreadable',
      message: expect.stringContaining('UTF-8'),
    });
    expect(readFileSync(file)).toEqual(Buffer.of(0xff, 0xfe));
  });
});

describe('REL-MP-6: several writers of config.toml', () => {
  test('lose none of 200 edits, and no comment', async () => {
    const { home, text } = createHome('# first\na = 1 # second\n\n# third\n[t]\nb = 2 # fourth\n');
    const writer = path.join(import.meta.dirname, 'config-writer.ts');
    const names = ['one', 'two', 'three', 'four'];
    const run = (name: string) => promisify(execFile)(process.execPath, [writer, home, name, '50']);
    await Promise.all(names.map(run));
    const { a, t, ...others } = parse(text());
    expect([a, t]).toEqual([1, { b: 2 }]);
    expect(Object.keys(others).toSorted()).toEqual(
      names.flatMap((name) => Array.from({ length: 50 }, (_, index) => `${name}_${index}`)).toSorted(),
    );
    expect(text().match(/#.*/g)).toEqual(['# first', '# second', '# third', '# fourth']);
    expect(readdirSync(home)).toEqual(['codexd', 'config.toml']);
  });

  test('do not undo what a program without the lock writes in between', async () => {
    const { file, text, edit } = createHome('a = 1\n');
    let others = 3;
    const files = countingFiles({
      after({ name, path: at }) {
        if (name === 'handle.sync' && at !== path.dirname(file) && others > 0) {
          writeFileSync(file, `${text()}# by hand ${others}\n`);
          others -= 1;
        }
      },
    });
    await edit('k', files);
    expect(text()).toBe('a = 1\nk = "v"\n# by hand 3\n# by hand 2\n# by hand 1\n');
  });

  test('give up with a conflict when the file changes every time', async () => {
    const { home, file, text, edit } = createHome('a = 1\n');
    let count = 1;
    const files = countingFiles({
      after({ name, path: at }) {
        if (name !== 'handle.sync' || at === path.dirname(file)) return;
        count += 1;
        writeFileSync(file, `a = ${count}\n`);
      },
    });
    await expect(edit('k', files)).rejects.toMatchObject({ kind: 'conflict' });
    expect([count, text(), readdirSync(home)]).toEqual([6, 'a = 6\n', ['codexd', 'config.toml']]);
  });

  test('wait for each other', async () => {
    const { home, text, edit } = createHome('');
    await edit('first');
    const holder = await holdLock(path.join(home, 'codexd/config.lock'));
    const waiting = edit('second');
    expect(await Promise.race([waiting.then(() => 'done'), edit2()])).toBe('waits');
    await holder.kill();
    await waiting;
    expect(text()).toContain('second');

    /** Reading takes as many turns of the event loop as the edit would need without the lock. */
    async function edit2(): Promise<string> {
      for (let index = 0; index < 5; index += 1) await promisify(execFile)('true');
      return 'waits';
    }
  });
});
