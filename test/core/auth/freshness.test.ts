import { describe, expect, it } from 'vitest';
import { parseAuthFile } from '../../../src/core/auth/auth-file.ts';
import { freshnessOf } from '../../../src/core/auth/freshness.ts';
import { identityOf } from '../../../src/core/auth/identity.ts';
import { createServerClock } from '../../../src/core/auth/server-clock.ts';
import { chatGptFile, DAY_MS, drawTokens, X } from '../../support/auth/tokens.ts';

const MINUTE_MS = 60_000;

function freshness({
  ageMs = 0,
  expiresInMs,
  jitter = 0.5,
  now = Date.now(),
}: Record<string, number | undefined>) {
  const file = chatGptFile(X, drawTokens(X, expiresInMs), ageMs);
  return freshnessOf(identityOf(parseAuthFile(JSON.stringify(file)), 1, undefined), now, jitter ?? 0.5);
}

describe('SEC-REF-3: tokens', () => {
  it('are due 28 days after they were renewed', () => {
    expect(freshness({ ageMs: 27 * DAY_MS })).toBe('fresh');
    expect(freshness({ ageMs: 29 * DAY_MS })).toBe('due');
  });

  it('are renewed ahead five minutes before their end, each process a little earlier or later', () => {
    expect(freshness({ expiresInMs: 7 * MINUTE_MS })).toBe('fresh');
    expect(freshness({ expiresInMs: 3 * MINUTE_MS })).toBe('ending');
    expect(freshness({ expiresInMs: 4.5 * MINUTE_MS, jitter: 0 })).toBe('fresh');
    expect(freshness({ expiresInMs: 5.5 * MINUTE_MS, jitter: 0.99 })).toBe('ending');
  });

  it('are due when they have ended', () => {
    expect(freshness({ expiresInMs: -2000 })).toBe('due');
  });

  it('REL-TIME-2: are used until they are refused when our clock is wrong', () => {
    const clock = createServerClock();
    clock.observe(new Date(Date.now() + 11 * MINUTE_MS).toUTCString());
    expect(clock.now()).toBeUndefined();
    const file = JSON.stringify(chatGptFile(X, drawTokens(X, -2000), 29 * DAY_MS));
    expect(freshnessOf(identityOf(parseAuthFile(file), 1, undefined), clock.now(), 0.5)).toBe('fresh');
    clock.observe(new Date(Date.now() + 9 * MINUTE_MS).toUTCString());
    clock.observe('some day');
    expect(clock.now()).toBeCloseTo(Date.now(), -3);
  });
});
