import { expect, test } from 'vitest';
import { createEventJson } from '../../src/api/event-json.ts';
import type { EventMsg } from '../../src/protocol/vocabulary/events.ts';
import { Frame } from '../../src/rpc/frame.ts';

const LONG = 'Grüße "\u0000\n\ud800 世界'.repeat(10_000);

function end(stdout: string, stderr: string, aggregated: string): EventMsg {
  return {
    type: 'exec_command_end',
    call_id: 'call_"1"',
    stdout,
    stderr,
    aggregated_output: aggregated,
    exit_code: 0,
    duration: { secs: 1, nanos: 2 },
    formatted_output: 'short',
  };
}

test.each([
  ['one long text', end(LONG, '', '')],
  ['the same one twice', end(LONG, 'e', LONG)],
  ['different ones', end(LONG, `${LONG}e`, `${LONG}${LONG}e`)],
  ['a long one as the last member', { type: 'agent_message', message: LONG } as const],
])('an event with long texts is told as any other: %s', (_, msg) => {
  const params = { id: '7', msg, conversationId: '0199a213-81c0-7800-8aa1-bbab2a035a53' };
  const members = createEventJson().event(params);
  const json = JSON.stringify(params);
  expect(members.pieces).toBeDefined();
  expect(`{${members.text}}`).toBe(json);
  const frame = new Frame('codex/event/x', members, 'a-1');
  for (const form of [frame.plain, frame.extended, frame.sse]) {
    const bytes = Buffer.concat(form?.text as Buffer[]);
    expect(form?.size).toBe(bytes.length);
    expect(bytes.toString()).toContain(json.slice(0, -1));
  }
  expect(frame.params).toEqual(JSON.parse(json));
  expect(JSON.parse(Buffer.concat(frame.plain?.text as Buffer[]).toString()).params).toEqual(
    JSON.parse(json),
  );
});

test('the pieces of equal texts are the same bytes', () => {
  const members = createEventJson().event({ id: '7', msg: end(LONG, '', LONG), conversationId: 'c' });
  const [first, second] = (members.pieces ?? []).filter(({ length }) => length > 1_000);
  expect(first).toBeDefined();
  expect(second).toBe(first);
});
