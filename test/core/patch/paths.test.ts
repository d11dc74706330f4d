import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { writesOutside } from '../../../src/core/patch/paths.ts';
import { planPatch } from '../../../src/core/patch/plan.ts';
import { patchOf, update } from './patch-text.ts';
import { workFolder } from './work-folder.ts';

/** A workspace `w` beside a folder `out`, with links from one to the other. */
function scene(): string {
  const top = workFolder({ 'w/a': 'one\n', 'w/.git/config': 'one\n', 'out/b': 'one\n', 'out/w2/c': 'one\n' });
  symlinkSync('../out', path.join(top, 'w/link'));
  symlinkSync('../out/b', path.join(top, 'w/filelink'));
  symlinkSync('../out/none', path.join(top, 'w/dangling'));
  symlinkSync('loop', path.join(top, 'w/loop'));
  symlinkSync('../w', path.join(top, 'out/back'));
  mkdirSync(path.join(top, 'w/d'));
  return top;
}

const edit = (file: string, ...move: string[]) => update(file, ...move, '@@', '-one', '+1');
const add = (file: string) => patchOf(`*** Add File: ${file}`, '+1');

test.each<[what: string, text: string, outside: string[]]>([
  ['an update inside', edit('a'), []],
  ['a new file in new directories', add('x/y/z'), []],
  ['a way out and back in', add('../w/x'), []],
  ['a way in through a link outside', edit('../out/back/a'), []],
  ['a new file outside', add('../out/x'), ['../out/x']],
  ['a new file in a folder whose name begins like the root', add('../w2/x'), ['../w2/x']],
  ['a new file outside by new directories', add('n/../../x'), ['n/../../x']],
  ['an update outside', edit('../out/b'), ['../out/b']],
  ['a deletion outside', patchOf('*** Delete File: ../out/b'), ['../out/b']],
  ['an update through a link', edit('filelink'), ['filelink']],
  ['an update through a linked directory', edit('link/b'), ['link/b']],
  ['a new file through a linked directory', add('link/new/x'), ['link/new/x']],
  ['a parent of a linked directory', add('link/w2/../x'), ['link/w2/../x']],
  ['a new file at the end of a dangling link', add('dangling'), ['dangling']],
  ['a link that goes in a circle', add('loop'), ['loop']],
  ['the deletion of a link, which stays inside', patchOf('*** Delete File: filelink'), []],
  ['a move out', edit('a', '*** Move to: ../out/a'), ['../out/a']],
  ['a move in, which removes outside', edit('../out/b', '*** Move to: b'), ['../out/b']],
  ['a move of a link, which stays inside', edit('filelink', '*** Move to: b'), []],
  ['what is read-only inside', edit('.git/config'), ['.git/config']],
  [
    'a new file in what is read-only inside',
    add('d/../.git/hooks/pre-commit'),
    ['d/../.git/hooks/pre-commit'],
  ],
  [
    'several, each once',
    patchOf('*** Add File: ../x', '+1', '*** Add File: y', '+1', '*** Add File: ../x', '+2'),
    ['../x'],
  ],
])('%s', async (_what, text, outside) => {
  const top = scene();
  const cwd = path.join(top, 'w');
  const roots = [{ root: cwd, readOnlyBelow: [path.join(cwd, '.git')] }];
  const planned = await planPatch(text, cwd);
  expect(await writesOutside(planned, roots)).toEqual(outside.map((name) => `${cwd}/${name}`));
});

test('without a writable root everything is outside', async () => {
  const cwd = path.join(scene(), 'w');
  expect(await writesOutside(await planPatch(edit('a'), cwd), [])).toEqual([`${cwd}/a`]);
});

test('any of several roots will do', async () => {
  const top = scene();
  const roots = ['w', 'out'].map((name) => ({ root: path.join(top, name), readOnlyBelow: [] }));
  const planned = await planPatch(edit('a', '*** Move to: ../out/a'), path.join(top, 'w'));
  expect(await writesOutside(planned, roots)).toEqual([]);
});
