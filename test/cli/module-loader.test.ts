import { readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CompileCache } from '../../src/cli/compile-cache.ts';
import { ModuleLoader } from '../../src/cli/module-loader.ts';
import { temporaryFolder } from '../daemon/temporary-folder.ts';

interface Place {
  readonly folder: string;
  load(): ModuleLoader;
  /** Of the compiled code of each module: its size in bytes, and which file it is. */
  kept(): Record<string, { size: number; ino: number }>;
}

function place(modules: Record<string, string>): Place {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(modules)) writeFileSync(path.join(folder, name), text);
  const cache = new CompileCache(folder, { XDG_CACHE_HOME: path.join(folder, 'user') });
  const kept = path.join(folder, '.compile-cache', `${process.version}-${process.arch}`);
  return {
    folder,
    load: () => new ModuleLoader(folder, cache),
    kept: () =>
      Object.fromEntries(
        readdirSync(kept).map((name) => {
          const { size, ino } = statSync(path.join(kept, name));
          return [name, { size, ino }];
        }),
      ),
  };
}

test('modules get each other, and those of Node, once', () => {
  const { load } = place({
    'a.js':
      "exports.b = require('./b.js'); exports.again = require('./b.js'); exports.path = require('node:path');",
    'b.js': 'exports.place = [__filename, __dirname];',
  });
  const loader = load();
  const a = loader.load('a.js') as { b: { place: string[] }; again: object; path: object };
  expect(a.again).toBe(a.b);
  expect(a.path).toBe(path);
  expect(a.b.place[0]).toBe(path.join(a.b.place[1] ?? '', 'b.js'));
  expect(loader.load('a.js')).toBe(a);
  expect(loader.load('b.js')).toBe(a.b);
});

test('the functions that were called are kept with their module', () => {
  const text = 'exports.work = () => { const all = []; for (const one of all) all.push({ one }); };';
  const idle = place({ 'a.js': text });
  const busy = place({ 'a.js': text });
  const [idler, worker] = [idle.load(), busy.load()];
  idler.load('a.js');
  (worker.load('a.js') as { work(): void }).work();
  for (const loader of [idler, worker]) loader.keepCompiled();
  expect(busy.kept()['a.js']?.size).toBeGreaterThan(idle.kept()['a.js']?.size ?? 0);
});

test('what was kept is used: it is not written again', () => {
  const { folder, load, kept } = place({ 'a.js': 'module.exports = 1;', 'b.js': 'module.exports = 2;' });
  const start = () => {
    const loader = load();
    const values = [loader.load('a.js'), loader.load('b.js')];
    loader.keepCompiled();
    return values;
  };
  expect(start()).toEqual([1, 2]);
  const before = kept();
  expect(Object.keys(before)).toEqual(['a.js', 'b.js']);
  expect(start()).toEqual([1, 2]);
  expect(kept()).toEqual(before);

  writeFileSync(path.join(folder, 'b.js'), 'module.exports = 3;');
  expect(start()).toEqual([1, 3]);
  expect(kept()['a.js']).toEqual(before['a.js']);
  expect(kept()['b.js']?.ino).not.toBe(before['b.js']?.ino);
});

test('what V8 does not take is compiled and kept anew', () => {
  const { folder, load, kept } = place({ 'a.js': 'module.exports = 1;' });
  const foreign = Buffer.from('of another program');
  const cache = new CompileCache(folder, { XDG_CACHE_HOME: folder });
  cache.write('a.js', Buffer.from('module.exports = 1;'), foreign);
  const before = kept();
  const loader = load();
  expect(loader.load('a.js')).toBe(1);
  loader.keepCompiled();
  expect(kept()['a.js']?.ino).not.toBe(before['a.js']?.ino);
});

test('a module that fails says where, and is tried again', () => {
  const { folder, load } = place({ 'a.js': "\n  throw new Error('not yet');" });
  const loader = load();
  const attempt = () => {
    try {
      return loader.load('a.js');
    } catch (error) {
      return error;
    }
  };
  expect((attempt() as Error).stack).toContain(`${path.join(folder, 'a.js')}:2:9`);
  writeFileSync(path.join(folder, 'a.js'), 'module.exports = 1;');
  expect(attempt()).toBe(1);
});
