import { expect, test } from 'vitest';
import { profileText, sandboxExecArguments } from '../../../src/core/sandbox/macos.ts';

const RULES = [
  { path: '/Users/me', treatment: 'write' },
  { path: '/Users/me/a', treatment: 'pin' },
  { path: '/Users/me/a/codex', treatment: 'read' },
  { path: '/Users/me/a/codex/own', treatment: 'hide-folder' },
] as const;

test('the profile denies by default and allows reading, but no writing and no network', () => {
  const text = profileText({ rules: [], network: false });
  expect(text).toMatch(/^\(version 1\)\n\(deny default\)\n/);
  expect(text).toContain('(allow file-read*)');
  expect(text).not.toMatch(/allow file-write\*|network|system-socket/);
});

test('later rules narrow earlier ones', () => {
  const lines = profileText({ rules: RULES, network: false }).split('\n');
  expect(lines.slice(lines.findIndex((line) => line.includes('PATH_0')))).toEqual([
    '(allow file-write* (subpath (param "PATH_0")))',
    '(deny file-write-unlink (literal (param "PATH_0")))',
    '(deny file-write-unlink (literal (param "PATH_1")))',
    '(deny file-write* (subpath (param "PATH_2")))',
    '(deny file-read* (subpath (param "PATH_3")))',
    '(deny file-write* (subpath (param "PATH_3")))',
    '',
  ]);
});

test('with network, the sockets in hidden places stay out of reach', () => {
  const text = profileText({ rules: RULES, network: true });
  expect(text).toContain('(allow network*)');
  expect(text).toContain('(deny network-outbound (subpath (param "PATH_3")))');
  expect(text).not.toContain('(deny network-outbound (subpath (param "PATH_2")))');
});

test('every parenthesis is closed', () => {
  const text = profileText({ rules: RULES, network: true }).replaceAll(/"[^"]*"/g, '');
  expect(text.split('(').length).toBe(text.split(')').length);
});

test('paths are parameters, so that no character in them can end a rule', () => {
  const path = '/odd")(allow default)';
  const args = sandboxExecArguments({ rules: [{ path, treatment: 'write' }], network: false }, [
    'echo',
    '-p',
  ]);
  expect(args[0]).toBe('-p');
  expect(args[1]).not.toContain('odd');
  expect(args.slice(2)).toEqual(['-D', `PATH_0=${path}`, '--', 'echo', '-p']);
});
