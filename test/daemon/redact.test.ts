import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../src/daemon/redact.ts';

describe('SEC-RED-1: the value filter', () => {
  test.each([
    ['key sk-abcdefghijklmnopqrst1234.', 'key [redacted].'],
    [`token cdx_${'a'.repeat(43)}`, 'token [redacted]'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl!', 'jwt [redacted]!'],
    ['{"h":"Bearer abc.def","x":1}', '{"h":"Bearer [redacted]","x":1}'],
    ['authorization: bearer abc', 'authorization: bearer [redacted]'],
    [`ghp_${'A1'.repeat(18)}`, '[redacted]'],
    ['postgres://user:pass@db/x', 'postgres://[redacted]@db/x'],
    ['GET /v1?a=1&token=abc&b=2 HTTP', 'GET /v1?a=1&token=[redacted]&b=2 HTTP'],
    ['/cb?code=abc#x', '/cb?code=[redacted]#x'],
  ])('takes the secret out of %j', (text, expected) => {
    expect(createRedactor().redact(text)).toBe(expected);
  });

  test.each([
    'curl -H "Authorization: Bearer $(codexd token)" $(codexd url)/v1/user-agent',
    'task-list risk-free http://127.0.0.1:4517/v1/user-agent?page=2',
    'mail user@example.org',
  ])('leaves %j alone', (text) => {
    expect(createRedactor().redact(text)).toBe(text);
  });

  test('takes out registered values as long as they are registered', () => {
    const redactor = createRedactor();
    redactor.register('hunter2-hunter2');
    redactor.register('hunter2-hunter2-longer');
    redactor.register('(a+)+$.*[x]');
    expect(redactor.redact('a hunter2-hunter2-longer b hunter2-hunter2 (a+)+$.*[x]')).toBe(
      'a [redacted] b [redacted] [redacted]',
    );
    redactor.forget('hunter2-hunter2');
    expect(redactor.redact('hunter2-hunter2')).toBe('hunter2-hunter2');
  });

  test('finds a registered value inside a JSON string', () => {
    const redactor = createRedactor();
    redactor.register('pass"word\\1');
    const line = redactor.redact(JSON.stringify({ text: 'is pass"word\\1 here' }));
    expect(JSON.parse(line)).toEqual({ text: 'is [redacted] here' });
  });

  test('ignores values so short that they would hit ordinary text', () => {
    const redactor = createRedactor();
    redactor.register('');
    redactor.register('info');
    expect(redactor.redact('info')).toBe('info');
  });

  test('takes time in proportion to the text, whatever it is', () => {
    const redactor = createRedactor();
    for (const part of ['x', 'eyJ', 'sk-', '://', 'Bearer ', '?token=', 'ghp_', 'a:/', '@']) {
      const start = performance.now();
      redactor.redact(part.repeat(100_000 / part.length));
      expect([part, performance.now() - start < 1_000]).toEqual([part, true]);
    }
  });
});
