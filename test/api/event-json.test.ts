import { describe, expect, it } from 'vitest';
import { createEventJson } from '../../src/api/event-json.ts';
import { EventMsg, type TextDeltas } from '../../src/protocol/vocabulary/events.ts';

const ID = '0199a213-81c0-7800-8aa1-bbab2a035a53';

const TEXTS = ['', 'words ', '"delta":""', 'a\\"\n\u0000\u2028', 'Grüße 👩‍👩‍👧 世界', '\ud800'];

const typesWithDelta = EventMsg.options
  .filter(({ shape }) => 'delta' in shape)
  .map(({ shape }) => ({ type: shape.type.value, members: Object.keys(shape) }));

describe('the JSON of an event', () => {
  it('may take a piece of text for all that differs, because its message has nothing else', () => {
    expect(typesWithDelta.length).toBeGreaterThan(0);
    for (const { members } of typesWithDelta) expect(members).toEqual(['type', 'delta']);
  });

  it('is that of the event, whatever came before it', () => {
    const json = createEventJson();
    for (const [id, conversationId] of [
      ['0', ID],
      ['1', ID],
      ['auto-compact-0', ID],
      ['1', 'other'],
    ] as const)
      for (const { type } of typesWithDelta)
        for (const delta of TEXTS) {
          const params = { id, msg: { type, delta } as EventMsg, conversationId };
          const { text, size } = json.event(params);
          expect(`{${text}}`).toBe(JSON.stringify(params));
          expect(size).toBe(Buffer.byteLength(text));
          const other = { id, msg: { type: 'error' as const, message: delta }, conversationId };
          expect(`{${json.event(other).text}}`).toBe(JSON.stringify(other));
        }
  });

  it('is the same for pieces that come together', () => {
    const json = createEventJson();
    for (const id of ['0', '1', '0'])
      for (const { type } of typesWithDelta) {
        const texts = json.deltas({
          id,
          deltas: { type: type as TextDeltas['type'], texts: TEXTS },
          conversationId: ID,
        });
        const each = TEXTS.map((delta) => JSON.stringify({ id, msg: { type, delta }, conversationId: ID }));
        expect(texts.map(({ text }) => `{${text}}`)).toEqual(each);
        expect(texts.map(({ size }) => size)).toEqual(each.map((text) => Buffer.byteLength(text) - 2));
      }
    expect(
      json.deltas({ id: '0', deltas: { type: 'agent_message_delta', texts: [] }, conversationId: ID }),
    ).toEqual([]);
  });

  it('is that of what a command prints, whose pieces may belong to another call or stream', () => {
    const json = createEventJson();
    for (const call_id of ['call_1', '"chunk":""', 'call_1'])
      for (const stream of ['stdout', 'stderr'] as const)
        for (const bytes of ['', 'some', '\u0000more\n']) {
          const chunk = Buffer.from(bytes).toString('base64');
          const params = {
            id: '0',
            msg: { type: 'exec_command_output_delta' as const, call_id, stream, chunk },
            conversationId: ID,
          };
          const members = json.event(params);
          expect(`{${members.text}}`).toBe(JSON.stringify(params));
          expect(members.size).toBe(Buffer.byteLength(members.text));
          expect(members.length).toBe(members.text.length);
        }
  });
});
