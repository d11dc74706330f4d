import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../daemon/temporary-folder.ts';

const MODULE = path.resolve(import.meta.dirname, '../../src/cli/compile-cache.ts');

/** Runs a program that keeps its compiled code, and loads one more module, whose code is worth keeping. */
async function runProgram(codeFolder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const loaded = path.join(temporaryFolder(), 'loaded.cjs');
  writeFileSync(loaded, 'module.exports = () => "loaded";\nconsole.log(module.exports());\n');
  const program = `
    const { cacheCompiledCode } = await import(${JSON.stringify(MODULE)});
    cacheCompiledCode(${JSON.stringify(codeFolder)});
    await import(${JSON.stringify(loaded)});`;
  const { NODE_COMPILE_CACHE: _, ...own } = process.env;
  const options = { env: { ...own, ...env } };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', program],
    options,
  );
  return stdout;
}

const filesBelow = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

test('the compiled code lies beside the code', async () => {
  const [code, home] = [temporaryFolder(), temporaryFolder()];
  expect(await runProgram(code, { HOME: home, XDG_CACHE_HOME: '' })).toBe('loaded\n');
  expect(filesBelow(path.join(code, '.compile-cache'))).toBe(1);
  expect(readdirSync(home)).toEqual([]);
});

test('it lies in the cache folder of the user when the folder of the code cannot be written', async () => {
  const [code, home] = [temporaryFolder(), temporaryFolder()];
  writeFileSync(path.join(code, '.compile-cache'), 'in the way');
  expect(await runProgram(code, { HOME: home, XDG_CACHE_HOME: '' })).toBe('loaded\n');
  expect(filesBelow(path.join(home, '.cache', 'codexd', 'compile-cache'))).toBe(1);

  const cache = path.join(home, 'elsewhere');
  mkdirSync(cache);
  await runProgram(code, { HOME: home, XDG_CACHE_HOME: cache });
  expect(filesBelow(path.join(cache, 'codexd'))).toBe(1);
});

test('a program runs also where no compiled code can be kept', async () => {
  const code = temporaryFolder();
  writeFileSync(path.join(code, '.compile-cache'), 'in the way');
  const nowhere = path.join(code, '.compile-cache', 'below-a-file');
  expect(await runProgram(code, { HOME: nowhere, XDG_CACHE_HOME: nowhere })).toBe('loaded\n');
  expect(existsSync(nowhere)).toBe(false);
});
