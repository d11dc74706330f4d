import { describe, expect, it } from 'vitest';
import { commandLine } from '../../../src/page/text/command-line.ts';
import { readDiff } from '../../../src/page/text/diff-lines.ts';
import { showChanges } from '../../../src/page/text/file-changes.ts';
import { readLink } from '../../../src/page/text/link.ts';
import { shortDuration } from '../../../src/page/text/numbers.ts';
import { readableOutput } from '../../../src/page/text/terminal-output.ts';

describe('a link', () => {
  it.each([
    ['https://example.org/a?b#c', 'example.org'],
    ['http://user:pass@example.org:8443/', 'example.org:8443'],
    ['https://аррӏе.com/', 'xn--80ak6aa92e.com'],
    ['mailto:ada@example.org', 'ada@example.org'],
  ])('%s leads to %s', (href, target) => {
    expect(readLink(href)?.target).toBe(target);
  });

  it.each([
    'javascript:alert(1)',
    'java\tscript:alert(1)',
    'data:text/html,x',
    'vscode://file/x',
    'file:///x',
    '/relative',
    '//host',
    '',
    'blob:http://x/1',
  ])('%j cannot be followed', (href) => {
    expect(readLink(href)).toBeUndefined();
  });
});

describe('a diff', () => {
  it('has the numbers of its lines, and lines that look like heads are text where they are', () => {
    const lines = readDiff(
      'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -3,2 +3,3 @@ f\n same\n--- gone\n+++ new\n+more\n',
    );
    expect(lines.map(({ kind, before, after }) => [kind, before, after])).toEqual([
      ['file', undefined, undefined],
      ['file', undefined, undefined],
      ['file', undefined, undefined],
      ['place', undefined, undefined],
      ['same', 3, 3],
      ['removed', 4, undefined],
      ['added', undefined, 4],
      ['added', undefined, 5],
    ]);
  });

  it('of changed files counts what was added and removed', () => {
    const changes = showChanges({
      'a.txt': { add: { content: 'one\ntwo\n' } },
      'b.txt': { delete: { content: 'one\n' } },
      'c.txt': { update: { unified_diff: '@@ -1 +1 @@\n-x\n+y\n', move_path: 'd.txt' } },
    });
    expect(changes.map(({ sign, added, removed, movedTo }) => [sign, added, removed, movedTo])).toEqual([
      ['A', 2, 0, undefined],
      ['D', 0, 1, undefined],
      ['R', 1, 1, 'd.txt'],
    ]);
  });
});

describe('a command', () => {
  it('is shown as it would be typed', () => {
    expect(commandLine(['bash', '-lc', 'ls | wc'])).toBe('ls | wc');
    expect(commandLine(['git', 'commit', '-m', "it's done"])).toBe("git commit -m 'it'\\''s done'");
  });

  it('prints what a terminal would show in the end', () => {
    expect(readableOutput('\u001b[1;31mred\u001b[0m\r\n10%\r50%\r100%\n\u001b]0;title\u0007end')).toBe(
      'red\n100%\nend',
    );
  });

  it('took so long', () => {
    expect([120, 12_000, 83_000].map(shortDuration)).toEqual(['0.1 s', '12 s', '1 min 23 s']);
  });
});
