import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { findProgram } from '../../../src/core/exec/find-program.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'codexd-find-program-'));
afterAll(() => rmSync(root, { recursive: true }));

function put(folder: string, name: string, mode = 0o755): string {
  mkdirSync(path.join(root, folder), { recursive: true });
  const file = path.join(root, folder, name);
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, mode);
  return file;
}

const first = put('first', 'tool');
put('second', 'tool');
const other = put('second', 'other');
put('first', 'other', 0o644);
mkdirSync(path.join(root, 'first/folder'));
symlinkSync(other, path.join(root, 'first/link'));
const PATH = `relative:${root}/first:${root}/second`;

describe('the program of a command', () => {
  test.each([
    ['is in the first folder of the PATH that has it', 'tool', first],
    ['is a file that may be run', 'other', other],
    ['may be a link', 'link', path.join(root, 'first/link')],
    ['is found from the working directory by a word with a slash', './second/other', other],
    ['is an absolute path itself', other, other],
    ['is no folder', 'folder', undefined],
    ['is nothing for no word', '', undefined],
    ['is nothing for a word that no file can have', 'a\0b', undefined],
    ['is nothing where there is none', 'missing', undefined],
  ])('%s', async (_how, name, found) => {
    expect(await findProgram(name, PATH, root)).toBe(found);
  });

  test('is nothing without a PATH', async () => {
    expect(await findProgram('tool', undefined, root)).toBeUndefined();
  });
});
