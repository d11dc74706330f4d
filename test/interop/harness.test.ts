import { describe, expect, it } from 'vitest';
import { ABSENT, compare } from './harness/compare.ts';
import { findIntended, type IntendedDifference } from './harness/intended.ts';
import { createMask } from './harness/mask.ts';
import { maskRequestBody } from './harness/mask-model-request.ts';
import { mergeOutputDeltas } from './harness/output-deltas.ts';

const event = (type: string, more: object = {}) => ({ method: `codex/event/${type}`, params: { msg: more } });

describe('the comparer', () => {
  const reference = {
    notifications: [event('task_started'), event('agent_message', { message: 'hi' }), event('task_complete')],
    files: {},
  };
  const altered = (change: (copy: typeof reference) => void) => {
    const copy = structuredClone(reference);
    change(copy);
    return compare(reference, copy);
  };

  it('finds nothing between equal values', () => {
    expect(altered(() => undefined)).toEqual([]);
  });

  it('names a changed leaf by its path', () => {
    expect(
      altered(({ notifications }) => notifications.splice(1, 1, event('agent_message', { message: 'ho' }))),
    ).toEqual([
      {
        path: 'notifications[1 codex/event/agent_message].params.msg.message',
        reference: 'hi',
        codexd: 'ho',
      },
    ]);
  });

  it('gives one difference for an event that is missing', () => {
    const [difference, ...rest] = altered(({ notifications }) => notifications.splice(0, 1));
    expect(difference).toEqual({
      path: 'notifications[0 codex/event/task_started]',
      reference: event('task_started'),
      codexd: ABSENT,
    });
    expect(rest).toEqual([]);
  });

  it('gives one difference for an event too many', () => {
    const differences = altered(({ notifications }) => notifications.push(event('error')));
    expect(differences.map(({ path }) => path)).toEqual(['notifications[+3 codex/event/error]']);
  });

  it('notices events that change places', () => {
    expect(altered(({ notifications }) => notifications.reverse())).not.toEqual([]);
  });

  it('notices members that only one side has, and null beside nothing', () => {
    expect(compare({ a: null }, {})).toEqual([{ path: 'a', reference: null, codexd: ABSENT }]);
    expect(compare({}, { b: [] })).toEqual([{ path: 'b', reference: ABSENT, codexd: [] }]);
  });

  it('notices another type of the same look', () => {
    expect(compare({ a: '1' }, { a: 1 })).toHaveLength(1);
    expect(compare({ a: [] }, { a: {} })).toHaveLength(1);
  });
});

describe('an intended difference', () => {
  const entry: IntendedDifference = {
    cases: ['one'],
    path: 'replies[* teleport].reply',
    reference: 'none',
    codexd: /"code":-32601/,
    reason: 'a request is always answered',
  };
  const difference = {
    path: 'replies[0 teleport].reply',
    reference: 'none',
    codexd: { error: { code: -32601 } },
  };
  const covers = (name: string, change: object = {}) =>
    findIntended(name, { ...difference, ...change }, [entry]) !== undefined;

  it('covers the case, the path and the values that it names', () => {
    expect(covers('one')).toBe(true);
  });

  it('covers nothing else', () => {
    expect(covers('two')).toBe(false);
    expect(covers('one', { path: 'replies[0 teleport].reply.error' })).toBe(false);
    expect(covers('one', { reference: 'some' })).toBe(false);
    expect(covers('one', { codexd: { error: { code: -32602 } } })).toBe(false);
    expect(covers('one', { codexd: ABSENT })).toBe(false);
  });
});

describe('the mask', () => {
  const mask = createMask(
    new Map([
      ['/tmp/x', '<root>'],
      ['/tmp/x/home', '<home>'],
    ]),
  );

  it('names what belongs to the run, the longest value first', () => {
    expect(mask({ '/tmp/x/home/a': ['/tmp/x/b'] })).toEqual({ '<home>/a': ['<root>/b'] });
  });

  it('covers times and ids of the run, and leaves those that a case wrote', () => {
    expect(mask('2026-01-02T03:04:05.678Z 8d5e1c1a-9a6b-4c3d-8e2f-0123456789ab')).toBe('<time> <uuid>');
    const written = '2020-01-02T03-04-05 00000000-0000-4000-8000-000000000001';
    expect(mask(written)).toBe(written);
  });

  it('covers a measured duration, and neither none nor one of another shape', () => {
    expect(mask({ duration: { secs: 0, nanos: 5 } })).toEqual({ duration: '<duration>' });
    expect(mask({ duration: { secs: 0, nanos: 0 } })).toEqual({ duration: { secs: 0, nanos: 0 } });
    expect(mask({ duration: '5ms' })).toEqual({ duration: '5ms' });
  });

  it('covers a delay that doubles with each attempt, and no other', () => {
    expect(mask('x; retrying 2/3 in 391ms…')).toBe('x; retrying 2/3 in <backoff>…');
    expect(mask('x; retrying 2/3 in 202ms…')).toBe('x; retrying 2/3 in 202ms…');
  });

  it('takes built-in prose out of a request and leaves the rest', () => {
    const tool = {
      type: 'function',
      name: 'shell',
      description: 'prose',
      parameters: { type: 'object', properties: { description: { type: 'string', description: 'prose' } } },
    };
    const body = { model: 'm', instructions: 'x'.repeat(1000), input: [], tools: [tool], stream: true };
    expect(maskRequestBody(body)).toEqual({
      ...body,
      instructions: '<built-in>',
      tools: [
        {
          ...tool,
          description: '<prose>',
          parameters: { type: 'object', properties: { description: { type: 'string' } } },
        },
      ],
    });
  });
});

describe('output chunks', () => {
  const chunk = (stream: string, text: string | Buffer) => ({
    method: 'codex/event/exec_command_output_delta',
    params: {
      id: '0',
      msg: {
        type: 'exec_command_output_delta',
        call_id: 'call_1',
        stream,
        chunk: Buffer.from(text).toString('base64'),
      },
    },
  });

  it('are put together by stream', () => {
    const merged = mergeOutputDeltas([chunk('stdout', 'a'), chunk('stderr', 'x'), chunk('stdout', 'b')]);
    expect(merged).toEqual([
      {
        method: 'codex/event/exec_command_output_delta',
        params: {
          id: '0',
          msg: { type: 'exec_command_output_delta', call_id: 'call_1', stdout: 'ab', stderr: 'x' },
        },
      },
    ]);
  });

  it('stay visible when they are over the limit', () => {
    const [merged] = mergeOutputDeltas([chunk('stdout', 'x'.repeat(8193))]);
    expect(merged?.params).toHaveProperty('msg.oversized', true);
  });
});
