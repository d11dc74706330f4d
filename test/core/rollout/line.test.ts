import { describe, expect, it } from 'vitest';
import { RolloutError } from '../../../src/core/rollout/errors.ts';
import { parseLine, renderLine } from '../../../src/core/rollout/line.ts';
import type { RolloutItem } from '../../../src/protocol/vocabulary/rollout.ts';
import { conversationId, event, item, line, sessionMeta, userRecord, userText } from './samples.ts';

const at = new Date('2025-09-10T10:00:00.123Z');
const payloadOf = (text: string): unknown => {
  const parsed = parseLine(text);
  return parsed.kind === 'record' ? parsed.line.payload : parsed.kind;
};

describe('a rendered line', () => {
  it('has the members in the order in which the reference writes them', () => {
    const meta: RolloutItem = {
      payload: {
        git: { repository_url: 'https://example.test/r.git', branch: 'main', commit_hash: 'abc' },
        instructions: 'be kind',
        cli_version: '1',
        originator: 'o',
        cwd: '/x',
        timestamp: 't',
        id: conversationId(1),
      },
      type: 'session_meta',
    };
    expect(renderLine(meta, at)).toBe(
      `{"timestamp":"2025-09-10T10:00:00.123Z","type":"session_meta","payload":{"id":"${conversationId(1)}",` +
        '"timestamp":"t","cwd":"/x","originator":"o","cli_version":"1","instructions":"be kind",' +
        '"git":{"commit_hash":"abc","branch":"main","repository_url":"https://example.test/r.git"}}}\n',
    );
  });

  it('states what the reference states as null', () => {
    const reasoning = renderLine({ type: 'response_item', payload: { type: 'reasoning', summary: [] } }, at);
    expect(reasoning).toContain('"summary":[],"content":null,"encrypted_content":null}');
    const call = renderLine(
      {
        type: 'response_item',
        payload: {
          type: 'local_shell_call',
          status: 'completed',
          action: { env: { A: 'b' }, command: ['ls'], type: 'exec' },
        },
      },
      at,
    );
    expect(call).toContain(
      '"payload":{"type":"local_shell_call","call_id":null,"status":"completed","action":{"type":"exec",' +
        '"command":["ls"],"timeout_ms":null,"working_directory":null,"env":{"A":"b"},"user":null}}',
    );
  });

  it('stays one line whatever the text holds', () => {
    const text = 'a\nb\r\n\u2028\u0000"\\';
    const rendered = renderLine(userRecord(text), at);
    expect(rendered.indexOf('\n')).toBe(rendered.length - 1);
    expect(payloadOf(rendered)).toEqual(userText(text));
  });

  it('holds no half characters', () => {
    expect(payloadOf(renderLine(userRecord('a\ud800b'), at))).toEqual(userText('a\ufffdb'));
  });

  it('is refused when the record does not fit, naming the member', () => {
    const misfit = { type: 'compacted', payload: { message: 3 } } as unknown as RolloutItem;
    expect(() => renderLine(misfit, at)).toThrowError(RolloutError);
    expect(() => renderLine(misfit, at)).toThrowError(/payload\.message/);
  });
});

const usage = {
  input_tokens: 1,
  cached_input_tokens: 0,
  output_tokens: 2,
  reasoning_output_tokens: 0,
  total_tokens: 3,
};
const moveless = { '/a': { update: { unified_diff: 'd' } } };
const commandEnd = {
  call_id: 'c',
  stdout: '',
  stderr: '',
  aggregated_output: '',
  exit_code: 0,
  duration: { secs: 1, nanos: 2 },
  formatted_output: '',
};

describe('a parsed line', () => {
  it('gives back what was rendered', () => {
    const meta = sessionMeta(conversationId(1), { git: {} });
    const text = renderLine({ type: 'session_meta', payload: meta }, at);
    expect(parseLine(text)).toEqual({
      kind: 'record',
      line: { timestamp: '2025-09-10T10:00:00.123Z', type: 'session_meta', payload: meta },
      numbered: false,
    });
  });

  it('does without members that we do not know', () => {
    const text = JSON.stringify({
      ordinal: 7,
      timestamp: 't',
      type: 'response_item',
      payload: { ...userText('a'), id: 'msg_1' },
    });
    expect(payloadOf(text)).toEqual(userText('a'));
  });

  it.each([
    [event({ type: 'task_started' }), { type: 'task_started', model_context_window: null }],
    [event({ type: 'task_complete' }), { type: 'task_complete', last_agent_message: null }],
    [event({ type: 'token_count' }), { type: 'token_count', info: null }],
    [event({ type: 'plan_update', plan: [] }), { type: 'plan_update', explanation: null, plan: [] }],
    [
      event({ type: 'user_message', message: 'm', kind: 'plain', images: null }),
      { type: 'user_message', message: 'm', kind: 'plain' },
    ],
    [
      line('session_meta', {
        ...sessionMeta(conversationId(1)),
        git: { branch: null },
        instructions: undefined,
      }),
      { ...sessionMeta(conversationId(1)), git: {} },
    ],
    [
      item({ type: 'custom_tool_call', status: null, call_id: 'c', name: 'n', input: 'i' }),
      { type: 'custom_tool_call', call_id: 'c', name: 'n', input: 'i' },
    ],
    [event({ type: 'exited_review_mode' }), { type: 'exited_review_mode', review_output: null }],
    [
      event({ type: 'token_count', info: { total_token_usage: usage, last_token_usage: usage } }),
      {
        type: 'token_count',
        info: { total_token_usage: usage, last_token_usage: usage, model_context_window: null },
      },
    ],
    [
      event({ type: 'patch_apply_begin', call_id: 'c', auto_approved: true, changes: moveless }),
      {
        type: 'patch_apply_begin',
        call_id: 'c',
        auto_approved: true,
        changes: { '/a': { update: { unified_diff: 'd', move_path: null } } },
      },
    ],
    [
      event({
        type: 'mcp_tool_call_begin',
        call_id: 'c',
        invocation: { server: 's', tool: 't', arguments: { a: null } },
      }),
      {
        type: 'mcp_tool_call_begin',
        call_id: 'c',
        invocation: { server: 's', tool: 't', arguments: { a: null } },
      },
    ],
    [
      event({ type: 'exec_command_end', ...commandEnd, aggregated_output: undefined }),
      { type: 'exec_command_end', ...commandEnd },
    ],
  ])('takes absent for null and null for absent: %s', (text, payload) => {
    expect(payloadOf(text)).toEqual(payload);
  });

  it.each([
    ['aaaaaaaabbbb4ccc8ddd000000000001', 'without hyphens'],
    ['urn:uuid:aaaaaaaa-bbbb-4ccc-8ddd-000000000001', 'as a URN'],
    ['{aaaaaaaa-bbbb-4ccc-8ddd-000000000001}', 'in braces'],
  ])('takes an id %s, %s', (written) => {
    const text = line('session_meta', { ...sessionMeta(written) });
    expect(payloadOf(text)).toEqual(sessionMeta(conversationId(1)));
  });

  it('tells that it is numbered, whatever it is', () => {
    const numbered = (text: string) => JSON.stringify({ ...JSON.parse(text), ordinal: 3 });
    const isNumbered = (text: string): boolean => {
      const parsed = parseLine(text);
      return parsed.kind !== 'damaged' && parsed.numbered;
    };
    const completed = event({ type: 'item_completed', item: {} });
    for (const text of [item(userText('a')), line('ghost', {}), item({ type: 'ghost' }), completed]) {
      expect(isNumbered(numbered(text))).toBe(true);
      expect(isNumbered(text)).toBe(false);
    }
  });

  it('has what text there is in a tool output of several parts', () => {
    const parts = [
      { type: 'input_text', text: 'seen' },
      { type: 'input_image', image_url: 'data:,' },
    ];
    expect(payloadOf(item({ type: 'function_call_output', call_id: 'c', output: parts }))).toEqual({
      type: 'function_call_output',
      call_id: 'c',
      output: 'seen\n[input_image]',
    });
  });

  it('has of a replaced history the items that we know', () => {
    const ghost = { type: 'ghost', x: 1 };
    const reasoning = { type: 'reasoning', id: 'rs_1', summary: [] };
    const text = line('compacted', {
      message: 'm',
      replacement_history: [userText('a'), ghost, reasoning, 5],
    });
    expect(payloadOf(text)).toEqual({
      message: 'm',
      replacement_history: [
        userText('a'),
        { type: 'reasoning', summary: [], content: null, encrypted_content: null },
      ],
    });
  });

  it.each([
    ['an unknown type of line', line('ghost', {})],
    ['an unknown type of event', event({ type: 'ghost' })],
    ['a known item of another shape', item({ type: 'message', role: 'user', content: 'text' })],
    ['an item without a type', item({ role: 'user' })],
    ['no wrapper', JSON.stringify(sessionMeta(conversationId(1)))],
    ['no timestamp', JSON.stringify({ type: 'response_item', payload: userText('a') })],
    [
      'a timestamp that is no text',
      JSON.stringify({ timestamp: 5, type: 'compacted', payload: { message: 'm' } }),
    ],
    [
      'an unknown part of a message',
      item({ ...userText('a'), content: [{ type: 'refusal', refusal: 'no' }] }),
    ],
    [
      'an output that is an object',
      item({ type: 'function_call_output', call_id: 'c', output: { content: 'o' } }),
    ],
    ['a null where there must be a text', event({ type: 'agent_message', message: null })],
    ['an unknown reason for an abort', event({ type: 'turn_aborted', reason: 'review_ended' })],
    ['a review without a prompt', event({ type: 'entered_review_mode', user_facing_hint: 'h' })],
    ['an id that is none', line('session_meta', sessionMeta('nope'))],
    [
      'a session_meta without an originator',
      line('session_meta', { ...sessionMeta(conversationId(1)), originator: undefined }),
    ],
  ])('is foreign with %s', (_what, text) => {
    expect(parseLine(text).kind).toBe('foreign');
  });

  it('tells items of later types from items that do not fit', () => {
    expect(parseLine(item({ type: 'ghost_snapshot' })).kind).toBe('later_item');
  });

  it.each([
    ['', 'nothing'],
    ['{"timestamp":"2025-09', 'a cut object'],
    ['[]', 'an array'],
    ['null', 'null'],
    ['\0\0\0', 'NUL bytes'],
    [`{"timestamp":"t","type":"response_item","payload":{"__proto__":{"polluted":1}}}`, 'a __proto__ member'],
    [`{"timestamp":"t","\\u005f_proto__":{"polluted":1}}`, 'an escaped __proto__ member'],
    [`{"timestamp":"t","a":{"constructor":{"prototype":{"polluted":1}}}}`, 'a constructor.prototype member'],
    [event({ type: 'agent_message', message: 'half \ud800' }), 'half a character'],
    [`{"timestamp":"t","a":${'['.repeat(127)}${']'.repeat(127)}}`, 'deeper than the reference reads'],
    [`{"timestamp":"t","a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'absurd nesting'],
  ])('is damaged when it is %j', (text) => {
    expect(parseLine(text).kind).toBe('damaged');
    expect('polluted' in {}).toBe(false);
  });

  it('may be as deep as the reference reads', () => {
    const deep = `${'['.repeat(125)}${']'.repeat(125)}`;
    const text = `{"timestamp":"t","type":"compacted","payload":{"message":"m","x":${deep}}}`;
    expect(payloadOf(text)).toEqual({ message: 'm' });
  });

  it('SEC-PROTO-1: may talk about __proto__ in its text', () => {
    const text = '{"__proto__": {"x": 1}}';
    expect(payloadOf(item(userText(text)))).toEqual(userText(text));
  });
});
