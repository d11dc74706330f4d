import { describe, expect, it } from 'vitest';
import { EventMsg } from '../../src/protocol/vocabulary/events.ts';
import { RolloutItem, RolloutLine } from '../../src/protocol/vocabulary/rollout.ts';

const timestamp = '2025-09-10T10:00:00.000Z';
const finding = {
  title: 't',
  body: 'b',
  confidence_score: 0.5,
  priority: 1,
  code_location: { absolute_file_path: '/p', line_range: { start: 1, end: 2 } },
};

const PAYLOADS: Readonly<Record<RolloutItem['type'], unknown>> = {
  session_meta: {
    id: '01234567-89ab-cdef-0123-456789abcdef',
    timestamp,
    cwd: '/p',
    originator: 'o',
    cli_version: '0.36.0',
    instructions: null,
    git: { branch: 'main' },
  },
  response_item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
  event_msg: { type: 'agent_message', message: 'hello' },
  turn_context: {
    cwd: '/p',
    approval_policy: 'never',
    sandbox_policy: { mode: 'read-only' },
    model: 'm',
    summary: 'auto',
  },
  compacted: { message: 'm', replacement_history: [{ type: 'reasoning', summary: [] }] },
};

describe('the definition of a rollout line', () => {
  it.each(Object.entries(PAYLOADS))('has %s lines, with and without their timestamp', (type, payload) => {
    expect(RolloutItem.parse({ type, payload })).toEqual({ type, payload });
    expect(RolloutLine.parse({ timestamp, type, payload })).toEqual({ timestamp, type, payload });
    expect(RolloutLine.safeParse({ type, payload }).success).toBe(false);
  });

  it('leaves out members that are not ours', () => {
    const written = {
      timestamp,
      ordinal: 1,
      type: 'compacted',
      payload: { message: 'm', window: 1 },
      metadata: {},
    };
    expect(RolloutLine.parse(written)).toEqual({ timestamp, type: 'compacted', payload: { message: 'm' } });
  });

  it.each(Object.keys(PAYLOADS))('names what is missing from a %s line', (type) => {
    const { error } = RolloutLine.safeParse({ timestamp, type, payload: {} });
    expect(error?.issues.every(({ path }) => path[0] === 'payload' && path.length > 1)).toBe(true);
  });
});

describe('review mode events', () => {
  it('have the shapes that the reference passes on', () => {
    const review = {
      findings: [finding],
      overall_correctness: 'c',
      overall_explanation: 'e',
      overall_confidence_score: 1,
    };
    for (const event of [
      { type: 'entered_review_mode', prompt: 'p', user_facing_hint: 'h' },
      { type: 'exited_review_mode', review_output: null },
      { type: 'exited_review_mode', review_output: review },
    ])
      expect(EventMsg.parse(event)).toEqual(event);
  });

  it.each([
    [{ type: 'entered_review_mode', user_facing_hint: 'h' }],
    [{ type: 'exited_review_mode', review_output: {} }],
    [
      {
        type: 'exited_review_mode',
        review_output: {
          findings: [{ ...finding, priority: null }],
          overall_correctness: 'c',
          overall_explanation: 'e',
          overall_confidence_score: 1,
        },
      },
    ],
  ])('have no others: %j', (event) => {
    expect(EventMsg.safeParse(event).success).toBe(false);
  });
});
