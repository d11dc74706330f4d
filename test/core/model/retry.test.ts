import { describe, expect, it } from 'vitest';
import { backoffMs, formatDelay, retryNotice } from '../../../src/core/model/retry.ts';

describe('delays between attempts', () => {
  it('double from 200 ms', () => {
    expect([1, 2, 3, 4, 5].map((n) => backoffMs(n, () => 0.5))).toEqual([200, 400, 800, 1600, 3200]);
  });

  it('REL-MS-12: are never more than half a minute, so that a network is found soon after it is back', () => {
    for (const attempt of [9, 20, 2_000]) expect(backoffMs(attempt)).toBe(30_000);
  });

  it('stay within ten percent and are whole milliseconds', () => {
    expect(backoffMs(4, () => 0)).toBe(1440);
    expect(backoffMs(4, () => 0.999_999)).toBe(1759);
    for (let i = 0; i < 100; i++) expect(backoffMs(1)).toSatisfy((ms: number) => ms >= 180 && ms <= 220);
  });

  it.each([
    [202, '202ms'],
    [1000, '1s'],
    [1689, '1.689s'],
    [1250, '1.25s'],
    [1234.5, '1.2345s'],
    [0, '0ns'],
  ])('of %d ms read %s', (ms, text) => expect(formatDelay(ms)).toBe(text));

  it('are announced with attempt, maximum and cause', () => {
    expect(retryNotice('it broke', 2, 5, 403)).toBe('stream error: it broke; retrying 2/5 in 403ms…');
  });
});
