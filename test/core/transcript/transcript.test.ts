import { describe, expect, it } from 'vitest';
import type { StoredEntry } from '../../../src/core/rollout/types.ts';
import { transcriptOf, withSaid } from '../../../src/core/transcript/transcript.ts';
import type { EventMsg } from '../../../src/protocol/vocabulary/events.ts';
import type { ResponseItem } from '../../../src/protocol/vocabulary/items.ts';

const item = (stored: ResponseItem): StoredEntry => ({ type: 'response_item', item: stored });
const event = (msg: EventMsg): StoredEntry => ({ type: 'event_msg', msg });

const call = (name: string, args: object, call_id = 'c'): StoredEntry =>
  item({ type: 'function_call', name, arguments: JSON.stringify(args), call_id });

const output = (text: string, call_id = 'c'): StoredEntry =>
  item({ type: 'function_call_output', call_id, output: text });

const ran = (text: string, code: number): string =>
  JSON.stringify({ output: text, metadata: { exit_code: code, duration_seconds: 1.5 } });

const told = (...entries: StoredEntry[]) => transcriptOf(entries, { cwd: '/work' });

describe('the transcript of a stored conversation', () => {
  it('has commands with what came of them, between the messages', () => {
    const messages = told(
      event({ type: 'user_message', message: 'hi', kind: 'plain' }),
      event({ type: 'user_message', message: '<environment>', kind: 'environment_context' }),
      event({ type: 'user_message', message: 'of no kind, which the other snapshot does not show either' }),
      call('shell', { command: ['ls'] }),
      output(ran('a\n', 2)),
      event({ type: 'agent_message', message: 'done' }),
    );
    expect(messages).toEqual([
      { type: 'user_message', message: 'hi', kind: 'plain' },
      { type: 'exec_command_begin', call_id: 'c', command: ['ls'], cwd: '/work', parsed_cmd: [] },
      expect.objectContaining({
        type: 'exec_command_end',
        aggregated_output: 'a\n',
        exit_code: 2,
        duration: { secs: 1, nanos: 500_000_000 },
      }),
      { type: 'agent_message', message: 'done' },
    ]);
  });

  it('has patches with their changes, however the model has called for them', () => {
    const patch =
      '*** Begin Patch\n*** Update File: a\n@@ f\n x\n-y\n+z\n*** Add File: b\n+new\n*** End Patch';
    const changes = {
      a: { update: { unified_diff: '@@ f\n x\n-y\n+z\n', move_path: null } },
      b: { add: { content: 'new\n' } },
    };
    for (const entry of [
      call('shell', { command: ['apply_patch', patch] }),
      call('apply_patch', { input: patch }),
      call('shell', { command: ['bash', '-lc', `apply_patch <<'EOF'\n${patch}\nEOF\n`] }),
      item({ type: 'custom_tool_call', name: 'apply_patch', input: patch, call_id: 'c' }),
    ]) {
      expect(told(entry, output(ran('Success', 0)))).toEqual([
        { type: 'patch_apply_begin', call_id: 'c', auto_approved: false, changes },
        { type: 'patch_apply_end', call_id: 'c', stdout: 'Success', stderr: '', success: true },
      ]);
    }
    const [, refused] = told(call('apply_patch', { input: patch }), output('patch rejected by user'));
    expect(refused).toMatchObject({ success: false, stderr: 'patch rejected by user' });
  });

  it('has plans and the tools of servers', () => {
    const plan = [{ step: 'x', status: 'pending' as const }];
    const types = told(
      call('update_plan', { plan }),
      output('Plan updated'),
      call('notes__search', { query: 'q' }, 'd'),
      output('found', 'd'),
    ).map(({ type }) => type);
    expect(types).toEqual(['plan_update', 'mcp_tool_call_begin', 'mcp_tool_call_end']);
  });

  it('passes over calls that cannot be read', () => {
    expect(
      told(
        item({ type: 'function_call', name: 'shell', arguments: '{', call_id: 'c' }),
        output('failed to parse'),
        call('unknown', {}),
        call('shell', { command: 'no list' }),
        call('apply_patch', { input: 'no patch' }),
        output('x', 'never called'),
      ),
    ).toEqual([]);
  });

  it('ends before the calls of the turn that runs', () => {
    const entries = [
      event({ type: 'user_message', message: 'hi', kind: 'plain' }),
      call('shell', { command: ['ls'] }),
    ];
    expect(transcriptOf(entries, { messages: 1, cwd: '/' })).toHaveLength(1);
  });
});

describe('the events of a running turn', () => {
  it('have what was said meanwhile in its place', () => {
    const said: EventMsg = { type: 'user_message', message: 'and this', kind: 'plain' };
    const answer = (message: string): EventMsg => ({ type: 'agent_message', message });
    const events = [
      { eventId: 'x-1', msg: { type: 'task_started', model_context_window: null } as EventMsg },
      { eventId: 'x-2', msg: answer('one') },
      { eventId: 'x-3', msg: answer('two') },
    ];
    const merged = withSaid(events, [answer('one'), said, answer('two'), said]);
    expect(merged.map(({ eventId }) => eventId)).toEqual(['x-1', 'x-2', undefined, 'x-3', undefined]);
  });
});
