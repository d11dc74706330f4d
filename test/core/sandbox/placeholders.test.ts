import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPlaceholders } from '../../../src/core/sandbox/placeholders.ts';
import { createScene } from './scene.ts';

test('a placeholder is there until its last user has released it', () => {
  const path = join(createScene().workspace, '.git');
  const placeholders = createPlaceholders();
  const [first, second] = [placeholders.hold(path), placeholders.hold(path)];
  expect([first.found, second.found]).toEqual(['placeholder', 'placeholder']);
  first.release();
  first.release();
  expect(existsSync(path)).toBe(true);
  second.release();
  expect(existsSync(path)).toBe(false);
});

test('what is there already stays there', () => {
  const { workspace } = createScene();
  const [folder, file, link] = ['folder', 'file', 'link'].map((name) => join(workspace, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(folder);
  writeFileSync(file, '');
  symlinkSync('nowhere', link);
  const held = [folder, file, link].map((path) => createPlaceholders().hold(path));
  expect(held.map(({ found }) => found)).toEqual(['file-or-folder', 'file-or-folder', 'link']);
  for (const { release } of held) release();
  expect(existsSync(folder) && existsSync(file)).toBe(true);
});

test('a placeholder that somebody removed or filled is let go without an error', () => {
  const { workspace } = createScene();
  const placeholders = createPlaceholders();
  const removed = placeholders.hold(join(workspace, 'removed'));
  const filled = placeholders.hold(join(workspace, 'filled'));
  rmSync(join(workspace, 'removed'), { recursive: true });
  writeFileSync(join(workspace, 'filled/file'), '');
  removed.release();
  filled.release();
  expect(existsSync(join(workspace, 'filled/file'))).toBe(true);
});

test('where nothing can be made, nothing is', () => {
  const { workspace } = createScene();
  expect(createPlaceholders().hold(join(workspace, 'absent/.git')).found).toBe('impossible');
});
