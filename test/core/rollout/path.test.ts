import { describe, expect, it } from 'vitest';
import { parseRolloutName, rolloutPath } from '../../../src/core/rollout/path.ts';
import { conversationId, fileName } from './samples.ts';

const id = conversationId(1);

describe('the place of a rollout file', () => {
  it('is made of the local time and the conversation id', () => {
    const created = new Date(2025, 8, 6, 7, 4, 2);
    expect(rolloutPath('/home/me/.codex', created, id)).toBe(
      `/home/me/.codex/sessions/2025/09/06/rollout-2025-09-06T07-04-02-${id}.jsonl`,
    );
  });

  it('is understood again', () => {
    expect(parseRolloutName(fileName('2025-09-06T07-04-02', id))).toEqual({
      timestamp: '2025-09-06T07-04-02',
      id,
    });
  });

  it('may spell the id in upper case or without hyphens', () => {
    for (const spelled of [id.toUpperCase(), id.replaceAll('-', '')])
      expect(parseRolloutName(fileName('2025-09-06T07-04-02', spelled))?.id).toBe(id);
  });

  it.each([
    ['a month that does not exist', fileName('2025-13-10T10-00-00', id)],
    ['a day that does not exist', fileName('2025-02-30T10-00-00', id)],
    ['a leap second', fileName('2025-02-10T10-00-60', id)],
    ['hour 24', fileName('2025-02-10T24-00-00', id)],
    ['digits left out', `rollout-2025-2-1T1-0-0-${id}.jsonl`],
    ['colons', fileName('2025-02-10T10:00:00', id)],
    ['an id that is none', fileName('2025-02-10T10-00-00', 'g'.repeat(36))],
    ['misplaced hyphens', fileName('2025-02-10T10-00-00', `-${id.replace('-', '')}`)],
    ['another extension', `${fileName('2025-02-10T10-00-00', id)}.zst`],
    ['another prefix', `session-2025-02-10T10-00-00-${id}.jsonl`],
  ])('is not one with %s', (_why, name) => {
    expect(parseRolloutName(name)).toBeUndefined();
  });

  it('accepts 29 February in leap years only', () => {
    expect(parseRolloutName(fileName('2024-02-29T00-00-00', id))).toBeDefined();
    expect(parseRolloutName(fileName('2025-02-29T00-00-00', id))).toBeUndefined();
  });
});
