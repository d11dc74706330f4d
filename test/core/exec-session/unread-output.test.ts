import { expect, test } from 'vitest';
import { unreadOutput } from '../../../src/core/exec-session/unread-output.ts';

test('output is given once', () => {
  const output = unreadOutput(100);
  output.append(Buffer.from('one '));
  output.append(Buffer.from('two'));
  expect(output.take()).toEqual({ text: 'one two', total: 7 });
  expect(output.take()).toEqual({ text: '', total: 0 });
  output.append(Buffer.from('three'));
  expect(output.take()).toEqual({ text: 'three', total: 5 });
});

test('a character that comes in two parts is whole, also across two looks', () => {
  const [first, second] = [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1)];
  const output = unreadOutput(100);
  output.append(first);
  expect(output.take().text).toBe('');
  output.append(second);
  expect(output.take().text).toBe('é');
});

test('SEC-SLOW-4: what nobody takes does not grow without end, and what is lost is counted', () => {
  const output = unreadOutput(100);
  for (let count = 0; count < 1000; count++) output.append(Buffer.from('0123456789'));
  const { text, total } = output.take();
  expect(total).toBe(10_000);
  expect(text.length).toBeLessThan(200);
  expect(text).toContain('were not kept');
});
