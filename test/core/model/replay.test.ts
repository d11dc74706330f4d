import { describe, expect, it } from 'vitest';
import { replayedInput } from '../../../src/core/model/replay.ts';
import type { ResponseItem } from '../../../src/protocol/vocabulary/items.ts';

const call = (id: string): ResponseItem => ({
  type: 'function_call',
  name: 'shell',
  arguments: '{}',
  call_id: id,
});
const output = (id: string): ResponseItem => ({ type: 'function_call_output', call_id: id, output: 'done' });
const custom: ResponseItem = {
  type: 'custom_tool_call',
  status: 'completed',
  call_id: 'c',
  name: 'p',
  input: '',
};
const action = { type: 'exec' as const, command: ['ls'] };
const localShell: ResponseItem = {
  type: 'local_shell_call',
  call_id: 'l',
  status: 'completed',
  action,
};

describe('the history that is sent', () => {
  it('keeps calls and their outputs as they are', () => {
    const history = [call('1'), output('1'), call('2'), call('3'), output('2'), output('3')];
    expect(replayedInput(history)).toEqual(history);
  });

  it('answers a call without output directly after it, with the kind of output that belongs to it', () => {
    const sent = replayedInput([call('1'), call('2'), output('2'), custom, localShell]);
    expect(sent.map((item) => [item.type, 'output' in item ? item.output : undefined])).toEqual([
      ['function_call', undefined],
      ['function_call_output', 'aborted'],
      ['function_call', undefined],
      ['function_call_output', 'done'],
      ['custom_tool_call', undefined],
      ['custom_tool_call_output', 'aborted'],
      ['local_shell_call', undefined],
      ['function_call_output', 'aborted'],
    ]);
    expect(sent[5]).toEqual({ type: 'custom_tool_call_output', call_id: 'c', output: 'aborted' });
  });

  it('does not take the output of another kind of call for an answer', () => {
    const sent = replayedInput([custom, { type: 'function_call_output', call_id: 'c', output: 'other' }]);
    expect(sent[1]).toEqual({ type: 'custom_tool_call_output', call_id: 'c', output: 'aborted' });
  });

  it('has no web searches', () => {
    const search: ResponseItem = { type: 'web_search_call', action: { type: 'search', query: 'cats' } };
    expect(replayedInput([search])).toEqual([]);
  });

  it('spells out the members of reasoning and local shell calls that have no value', () => {
    const reasoning: ResponseItem = { type: 'reasoning', summary: [] };
    const text = { type: 'text' as const, text: 't' };
    const raw = { type: 'reasoning_text' as const, text: 'r' };
    expect(
      replayedInput([reasoning, { ...reasoning, content: [text] }, { ...reasoning, content: [text, raw] }]),
    ).toEqual([
      { type: 'reasoning', summary: [], content: null, encrypted_content: null },
      { type: 'reasoning', summary: [], encrypted_content: null },
      { type: 'reasoning', summary: [], content: [text, raw], encrypted_content: null },
    ]);
    expect(replayedInput([localShell])[0]).toEqual({
      type: 'local_shell_call',
      call_id: 'l',
      status: 'completed',
      action: { ...action, timeout_ms: null, working_directory: null, env: null, user: null },
    });
  });
});
