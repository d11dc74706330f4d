import { expect, test } from 'vitest';
import { formatForModel, formatOutput, truncateForModel } from '../../../src/core/exec/format.ts';

const bytesOf = (text: string): number => Buffer.byteLength(text);
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('');
const range = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => from + index).join('\n');

test('the model gets the output and a duration with one decimal as JSON text', () => {
  expect(formatForModel({ exitCode: 0, durationSeconds: 0.2345, output: 'hi\n' })).toBe(
    '{"output":"hi\\n","metadata":{"exit_code":0,"duration_seconds":0.2}}',
  );
});

test('a whole number of seconds keeps its decimal', () => {
  expect(formatForModel({ exitCode: 1, durationSeconds: 1.03, output: '' })).toContain(
    '"duration_seconds":1.0',
  );
});

test('a timeout is said before the output, in whole milliseconds', () => {
  expect(formatOutput({ aggregated: 'a\n', timedOut: true, durationNs: 402_900_000n })).toBe(
    'command timed out after 402 milliseconds\na\n',
  );
});

test('the note about a timeout counts as part of what is bounded', () => {
  const output = formatOutput({ aggregated: 'x'.repeat(20_000), timedOut: true, durationNs: 1_000_000_000n });
  expect(output.startsWith('command timed out after 1000 milliseconds\nxxx')).toBe(true);
  expect(bytesOf(output)).toBeLessThanOrEqual(10_240);
});

test.each([
  ['256 lines', lines(256, String)],
  ['256 lines without a last line break', lines(256, String).trimEnd()],
  ['10,240 bytes', `${'x'.repeat(10_239)}\n`],
  ['carriage returns', 'a\r\nb\r\n'],
  ['nothing', ''],
])('%s are left as they are', (_name, text) => {
  expect(truncateForModel(text)).toBe(text);
});

test.each([
  ['257 lines', lines(257, String), 1, 257],
  ['300 lines', lines(300, String), 44, 300],
  ['5,000 lines', lines(5_000, String), 4_744, 5_000],
  ['258 lines without a last line break', lines(258, String).trimEnd(), 2, 258],
])('%s lose their middle lines and the last line break', (_name, text, omitted, total) => {
  expect(truncateForModel(text)).toBe(
    `${range(0, 128)}\n[... omitted ${omitted} of ${total} lines ...]\n\n${range(total - 128, total)}`,
  );
});

test('carriage returns before line breaks go when lines are left out', () => {
  const text = truncateForModel(lines(300, (index) => `${index}\r`));
  expect(text).not.toContain('\r');
});

test('many lines are also bounded by bytes: half for the start, the rest for the end', () => {
  const text = truncateForModel(lines(300, (index) => `${index}`.padEnd(99, '.')));
  const [head = '', tail = ''] = text.split('\n[... omitted 44 of 300 lines ...]\n\n');
  expect([bytesOf(head), bytesOf(text)]).toEqual([5_120, 10_240]);
  expect(tail.endsWith('299'.padEnd(99, '.'))).toBe(true);
});

test.each([
  ['one long line', 'x'.repeat(30_000), 'xxx', 'xxx'],
  ['few long lines', lines(40, (index) => `${index}${'é'.repeat(400)}`), '0éé', 'éé\n'],
  ['four-byte characters', lines(50, (index) => `${index}${'😀'.repeat(100)}`), '0😀', '😀\n'],
])('%s keep their start and their end with every character whole', (_name, text, start, end) => {
  const shown = truncateForModel(text);
  expect(bytesOf(shown)).toBeGreaterThan(10_230);
  expect(bytesOf(shown)).toBeLessThanOrEqual(10_240);
  expect([shown.startsWith(start), shown.endsWith(end), shown.includes('\uFFFD')]).toEqual([
    true,
    true,
    false,
  ]);
});

test('the number of omitted bytes is exact', () => {
  const text = lines(40, (index) => `${index}${'é'.repeat(400)}`);
  const shown = truncateForModel(text);
  const marker = /\n\[\.\.\. omitted (\d+) of (\d+) bytes \.\.\.\]\n\n/.exec(shown);
  const kept = bytesOf(shown) - bytesOf(marker?.[0] ?? '');
  expect([Number(marker?.[1]), Number(marker?.[2])]).toEqual([bytesOf(text) - kept, bytesOf(text)]);
});
