import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldEvent, foldSaid, foldSnapshot, lacksMessage } from '../../../src/page/transcript/fold.ts';
import { EMPTY, type Item, type Transcript } from '../../../src/page/transcript/transcript.ts';
import type { EventMsg } from '../../../src/protocol/vocabulary/events.ts';

const fold = (messages: readonly EventMsg[], start: Transcript = EMPTY): Transcript =>
  messages.reduce((transcript, msg) => foldEvent(transcript, msg, '1'), start);

/** Without what tells entries apart. */
const shown = ({ items }: Transcript) => items.map(({ key: _key, ...content }: Item) => content);

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const begin: EventMsg = {
  type: 'exec_command_begin',
  call_id: 'a',
  command: ['ls'],
  cwd: '/',
  parsed_cmd: [],
};

const piece = (bytes: Uint8Array): EventMsg => ({
  type: 'exec_command_output_delta',
  call_id: 'a',
  stream: 'stdout',
  chunk: base64(bytes),
});

const end = (output: string): EventMsg => ({
  type: 'exec_command_end',
  call_id: 'a',
  stdout: '',
  stderr: '',
  aggregated_output: output,
  exit_code: 0,
  duration: { secs: 1, nanos: 500_000_000 },
  formatted_output: output,
});

describe('a transcript', () => {
  it('has a text once, whether it came in pieces, as a whole, or both', () => {
    const pieces: EventMsg[] = [
      { type: 'agent_message_delta', delta: 'one ' },
      { type: 'agent_message_delta', delta: 'two' },
    ];
    const whole: EventMsg = { type: 'agent_message', message: 'one two' };
    const once = [{ kind: 'agent', text: 'one two', isOpen: false }];
    expect(shown(fold([...pieces, whole]))).toEqual(once);
    expect(shown(fold([whole]))).toEqual(once);
    expect(shown(fold(pieces))).toEqual([{ kind: 'agent', text: 'one two', isOpen: true }]);
  });

  it('forgets what had come of an answer that the model begins anew', () => {
    const { items } = fold([
      { type: 'agent_message', message: 'first' },
      { type: 'agent_message_delta', delta: 'hal' },
      { type: 'stream_error', message: 'again' },
      { type: 'agent_message_delta', delta: 'half and half' },
    ]);
    expect(items.map((item) => 'text' in item && item.text)).toEqual(['first', 'again', 'half and half']);
  });

  it('puts the sections of a reasoning together', () => {
    const transcript = fold([
      { type: 'agent_reasoning_section_break' },
      { type: 'agent_reasoning_delta', delta: 'a' },
      { type: 'agent_reasoning_section_break' },
      { type: 'agent_reasoning_delta', delta: 'b' },
      { type: 'agent_reasoning', text: 'A' },
      { type: 'agent_reasoning', text: 'B' },
    ]);
    expect(shown(transcript)).toEqual([
      { kind: 'reasoning', isRaw: false, sections: ['A', 'B'], whole: 2, isOpen: false },
    ]);
    const stored = fold([
      { type: 'agent_reasoning', text: 'A' },
      { type: 'agent_reasoning', text: 'B' },
    ]);
    expect(shown(stored)).toEqual([expect.objectContaining({ sections: ['A', 'B'] })]);
  });

  it('has every character of an output, wherever the pieces of it were cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat(40)), (text, cuts) => {
        const bytes = new TextEncoder().encode(text);
        const places = [
          0,
          ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
          bytes.length,
        ];
        const pieces = places.slice(1).map((place, index) => piece(bytes.subarray(places[index], place)));
        const [item] = fold([begin, ...pieces]).items;
        expect(item).toMatchObject({ output: text, state: 'running' });
      }),
    );
  });

  it('shows a command that was asked about in one place, and one of a later turn with the same id in another', () => {
    const asked: EventMsg = { type: 'exec_approval_request', call_id: 'a', command: ['ls'], cwd: '/' };
    const first = fold([asked, begin, piece(Buffer.from('x')), end('xy')]);
    expect(shown(first)).toEqual([
      expect.objectContaining({ state: 'ended', output: 'xy', duration: 1_500 }),
    ]);
    const second = fold([begin], foldSaid(first, { text: 'again', images: [] }));
    expect(second.items.map(({ kind }) => kind)).toEqual(['command', 'user', 'command']);
  });

  it('replaces the plan within a turn', () => {
    const plan = (status: 'pending' | 'completed'): EventMsg => ({
      type: 'plan_update',
      explanation: null,
      plan: [{ step: 'x', status }],
    });
    expect(shown(fold([plan('pending'), plan('completed')]))).toEqual([
      { kind: 'plan', explanation: null, steps: [{ step: 'x', status: 'completed' }] },
    ]);
  });

  it('tells at the end of a turn what it has changed, and that nothing more of it comes', () => {
    const transcript = fold([
      { type: 'task_started', model_context_window: null },
      { type: 'agent_message_delta', delta: 'cut o' },
      { type: 'turn_diff', unified_diff: 'diff --git a/x b/x' },
      { type: 'turn_aborted', reason: 'interrupted' },
    ]);
    expect(transcript.turnId).toBeUndefined();
    expect(shown(transcript)).toEqual([
      { kind: 'agent', text: 'cut o', isOpen: false },
      { kind: 'diff', text: 'diff --git a/x b/x' },
      { kind: 'notice', tone: 'warning', text: 'Interrupted' },
    ]);
  });

  it('knows when the message of a turn came from another client', () => {
    const mine = foldSaid(EMPTY, { text: 'hello', images: [] });
    expect([lacksMessage(EMPTY), lacksMessage(mine)]).toEqual([true, false]);
    expect(lacksMessage(fold([{ type: 'agent_message', message: 'hi' }], mine))).toBe(true);
  });

  it('is the same from a snapshot in the middle of a turn and the events after it, as from all events', () => {
    const user: EventMsg = { type: 'user_message', message: 'do it', kind: 'plain' };
    const events: EventMsg[] = [
      { type: 'task_started', model_context_window: 100 },
      { type: 'agent_reasoning_delta', delta: 'hm' },
      { type: 'agent_reasoning', text: 'hm' },
      begin,
      piece(Buffer.from('a')),
      end('ab'),
      { type: 'agent_message_delta', delta: 'do' },
      { type: 'agent_message_delta', delta: 'ne' },
      { type: 'agent_message', message: 'done' },
      { type: 'task_complete', last_agent_message: 'done' },
    ];
    const all = fold(events, fold([user]));
    for (let cut = 1; cut < events.length; cut++) {
      const before = events.slice(0, cut).map((msg, index) => ({ eventId: `x-${index}`, msg }));
      const snapshot = foldSnapshot({
        messages: [user],
        turn: { id: '1', startedAt: '', events: before },
      } as unknown as Parameters<typeof foldSnapshot>[0]);
      expect(snapshot.turnId).toBe('1');
      expect(fold(events.slice(cut), snapshot)).toEqual(all);
    }
  });
});
