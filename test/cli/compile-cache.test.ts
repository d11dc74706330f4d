import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CompileCache } from '../../src/cli/compile-cache.ts';
import { temporaryFolder } from '../daemon/temporary-folder.ts';

const VERSION = `${process.version}-${process.arch}`;
const text = Buffer.from('module.exports = 1;');
const code = Buffer.from('compiled');

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

test('compiled code lies beside the code, and is found for the same text', () => {
  const folder = temporaryFolder();
  const cache = new CompileCache(folder, { XDG_CACHE_HOME: path.join(folder, 'user') });
  expect(cache.read('a.js', text)).toBeUndefined();
  cache.write('a.js', text, code);
  expect(filesBelow(folder)).toEqual([path.join(folder, '.compile-cache', VERSION, 'a.js')]);
  expect(cache.read('a.js', text)).toEqual(code);
  expect(cache.read('b.js', text)).toBeUndefined();
  expect(cache.read('a.js', Buffer.from('module.exports = 2;'))).toBeUndefined();
});

test('it lies in the cache folder of the user when the folder of the code cannot be written', () => {
  const [folder, user] = [temporaryFolder(), temporaryFolder()];
  writeFileSync(path.join(folder, '.compile-cache'), 'in the way');
  const cache = new CompileCache(folder, { XDG_CACHE_HOME: user });
  cache.write('a.js', text, code);
  expect(filesBelow(user)).toEqual([path.join(user, 'codexd/compile-cache', VERSION, 'a.js')]);
  expect(cache.read('a.js', text)).toEqual(code);
});

test('nothing happens where no compiled code can be kept, or shall be', () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, '.compile-cache'), 'in the way');
  const nowhere = new CompileCache(folder, { XDG_CACHE_HOME: path.join(folder, '.compile-cache') });
  nowhere.write('a.js', text, code);
  expect(nowhere.read('a.js', text)).toBeUndefined();

  const other = temporaryFolder();
  const disabled = new CompileCache(other, { XDG_CACHE_HOME: other, NODE_DISABLE_COMPILE_CACHE: '1' });
  disabled.write('a.js', text, code);
  expect(filesBelow(other)).toEqual([]);
});

test('what cannot be written is no failure, even if what was begun cannot be removed', () => {
  const [folder, user] = [temporaryFolder(), temporaryFolder()];
  const begun = path.join(folder, '.compile-cache', VERSION, `a.js.${process.pid}`);
  mkdirSync(begun, { recursive: true });
  const cache = new CompileCache(folder, { XDG_CACHE_HOME: user });
  cache.write('a.js', text, code);
  expect(cache.read('a.js', text)).toEqual(code);
});

test.each([
  ['cut off', (entry: Buffer) => entry.subarray(0, -1)],
  ['of zeros at its end', (entry: Buffer) => Buffer.from(entry).fill(0, entry.length - 2)],
  ['empty', () => Buffer.alloc(0)],
])('an entry that is %s is none', (_, damage) => {
  const folder = temporaryFolder();
  const cache = new CompileCache(folder, { XDG_CACHE_HOME: path.join(folder, 'user') });
  cache.write('a.js', text, code);
  const [file] = filesBelow(folder) as [string];
  writeFileSync(file, damage(readFileSync(file)));
  expect(cache.read('a.js', text)).toBeUndefined();
});
