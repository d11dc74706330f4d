import { describe, expect, it } from 'vitest';
import { AnswerFrame } from '../../src/rpc/answer-frame.ts';
import { ExtensionFrame } from '../../src/rpc/extension-frame.ts';
import { Frame } from '../../src/rpc/frame.ts';
import { membersOf } from '../../src/rpc/json-members.ts';
import { RequestFrame } from '../../src/rpc/request-frame.ts';
import type { WireForm } from '../../src/rpc/wire-text.ts';

const PARAMS = { id: '0', msg: { type: 'x', text: 'Grüße \u2028 "}' } };

const bytesOf = ({ text }: WireForm): Buffer =>
  typeof text === 'string' ? Buffer.from(text) : Buffer.concat(text);
const messageOf = (form: WireForm | undefined): unknown => form && JSON.parse(bytesOf(form).toString());

const FRAMES: [string, Frame][] = [
  ['an event', new Frame('m', PARAMS, 'e-1')],
  ['an event without params', new Frame('m', {}, 'e-1')],
  ['a message of no log', new Frame('m', PARAMS)],
  ['an event of prepared members', new Frame('m', membersOf(PARAMS), 'e-1')],
  ['a message of our own', new ExtensionFrame('m', PARAMS)],
  ['a request', new RequestFrame(7, 'm', PARAMS, { note: 'ü' })],
  [
    'a part of an answer',
    new AnswerFrame('m', { a: 'ü', l: [] }, { name: 'l', texts: [Buffer.from('"ö"')] }),
  ],
];

describe('a frame', () => {
  it.each(FRAMES)('knows the bytes of each of its forms: %s', (_, frame) => {
    for (const form of [frame.plain, frame.extended, frame.sse]) {
      if (form) expect(form.size).toBe(bytesOf(form).length);
    }
  });

  it('has the id of the event in the extended form only', () => {
    const frame = new Frame('m', PARAMS, 'e-1');
    expect(messageOf(frame.plain)).toEqual({ jsonrpc: '2.0', method: 'm', params: PARAMS });
    expect(messageOf(frame.extended)).toEqual({
      jsonrpc: '2.0',
      method: 'm',
      params: { ...PARAMS, _meta: { eventId: 'e-1' } },
    });
    expect(frame.params).toEqual(PARAMS);
  });

  it('without params has nothing but the id in them', () => {
    const frame = new Frame('m', {}, 'e-1');
    expect(messageOf(frame.plain)).toEqual({ jsonrpc: '2.0', method: 'm', params: {} });
    expect(messageOf(frame.extended)).toMatchObject({ params: { _meta: { eventId: 'e-1' } } });
  });

  it('is three lines and an empty one as a server-sent event', () => {
    const { text } = new Frame('m', { a: 1 }, 'e-1').sse;
    expect(text).toBe('id: e-1\nevent: m\ndata: {"a":1,"_meta":{"eventId":"e-1"}}\n\n');
  });
});
