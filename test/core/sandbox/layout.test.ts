import { expect, test } from 'vitest';
import { layOut } from '../../../src/core/sandbox/layout.ts';

const ACCESS = {
  writableRoots: [
    {
      root: '/home/me',
      readOnlyBelow: ['/home/me/.git', '/home/me/a/b/codex', '/home/me/works/project/.git'],
    },
    { root: '/home/me/works/project', readOnlyBelow: ['/home/me/works/project/.git'] },
  ],
  network: false,
};

test('outer paths come first, and the folders between a root and what is treated otherwise are pinned', () => {
  const hidden = [
    { path: '/home/me/a/b/codex/own', isFolder: true },
    { path: '/run/me/codexd.sock', isFolder: false },
  ];
  expect(layOut(ACCESS, hidden).map(({ path, treatment }) => `${treatment} ${path}`)).toEqual([
    'write /home/me',
    'pin /home/me/a',
    'pin /home/me/a/b',
    'read /home/me/.git',
    'pin /home/me/works',
    'read /home/me/a/b/codex',
    'hide-file /run/me/codexd.sock',
    'write /home/me/works/project',
    'hide-folder /home/me/a/b/codex/own',
    'read /home/me/works/project/.git',
  ]);
});

test('a policy without roots needs no rules', () => {
  expect(layOut({ writableRoots: [], network: false }, [])).toEqual([]);
});

test('a root of the whole file system pins the way to what is hidden', () => {
  const rules = layOut({ writableRoots: [{ root: '/', readOnlyBelow: [] }], network: true }, [
    { path: '/a/b', isFolder: true },
  ]);
  expect(rules.map(({ treatment }) => treatment)).toEqual(['write', 'pin', 'hide-folder']);
});
