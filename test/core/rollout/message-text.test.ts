import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageText } from '../../../src/core/rollout/message-text.ts';
import type { EventMsg } from '../../../src/protocol/vocabulary/events.ts';

const LONG = 'a long text, '.repeat(40);

const lineOf = (payload: string): string =>
  `{"timestamp":"2025-09-17T10:00:00.000Z","type":"event_msg","payload":${payload}}`;

/** What a line's text is found to be, of the message that the line really has. */
const found = (line: string): string | undefined =>
  messageText(Buffer.from(line), line, JSON.parse(line).payload)?.toString();

const says = (message: string): EventMsg => ({ type: 'agent_message', message });

describe('the text of a stored message', () => {
  it('is taken from the line as it stands', () => {
    for (const msg of [
      says(LONG),
      says(`${LONG}\n"quoted" \\ and größer 😀`),
      { type: 'user_message', message: LONG, kind: 'plain' } as const,
      { type: 'agent_reasoning', text: `${LONG}\\` } as const,
    ])
      expect(found(lineOf(JSON.stringify(msg)))).toBe(JSON.stringify(msg));
  });

  it('is not guessed when the line has other escapes or other spaces, nor looked for in short ones', () => {
    for (const payload of [
      `{"type":"agent_message","message":"${LONG}\\u00e9"}`,
      `{"type":"agent_message","message":"${LONG}\\/"}`,
      `{"type":"agent_message", "message":"${LONG}"}`,
      `{"type":"agent_message","message":"short"}`,
    ])
      expect(found(lineOf(payload)), payload).toBeUndefined();
    expect(
      found(lineOf(JSON.stringify(says(LONG))).replace('event_msg","', 'event_msg", "')),
    ).toBeUndefined();
  });

  it('is not guessed when the message is not all that the line has', () => {
    const msg = says(LONG);
    const withMore = `{"type":"agent_message","message":"${LONG}","more":"x"}`;
    expect(messageText(Buffer.from(lineOf(withMore)), lineOf(withMore), msg)).toBeUndefined();
    const twice = `{"type":"agent_message","message":"other","message":"${LONG}"}`;
    expect(found(lineOf(twice))).toBeUndefined();
    const behind = lineOf(JSON.stringify(msg)).replace(/\}$/, `,"x":{"message":"${LONG}"}}`);
    expect(found(behind)).toBeUndefined();
  });

  it('is what JSON.stringify makes of the message, whatever its texts are', () => {
    const text = fc.string({ unit: 'binary', minLength: 200, maxLength: 400 });
    const spelled = fc.constantFrom(
      (json: string) => json,
      (json: string) => json.replaceAll('/', '\\/'),
      (json: string) => json.replace('e', '\\u0065'),
      (json: string) => json.replace(':', ' :'),
    );
    let certain = 0;
    fc.assert(
      fc.property(text, fc.string(), spelled, (message, kind, spell) => {
        const msg = { type: 'user_message', message, kind } as const;
        const line = lineOf(spell(JSON.stringify(msg)));
        const sure = found(line);
        if (sure === undefined) return;
        certain += 1;
        expect(sure).toBe(JSON.stringify(JSON.parse(line).payload));
      }),
      { numRuns: 1000 },
    );
    expect(certain).toBeGreaterThan(50);
  });
});
