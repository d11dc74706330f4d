import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { drop } from '../../src/demo/answers.ts';
import { created, functionCall, itemDone, message, textAnswer, textDelta } from '../../src/demo/responses.ts';
import { createPlace, rolloutLines } from '../support/daemon-process.ts';

describe('REL-MS-2: a stream of the model that breaks', () => {
  test('runs no command twice, and repeats no text, in the rollout or in the next request', async () => {
    const command = ['sh', '-c', 'echo ran >> done.txt'];
    const broken = [
      created(),
      textDelta('half of '),
      itemDone(message('a whole message')),
      itemDone(functionCall('shell', { command }, 'call-1')),
      textDelta('and a part'),
      drop(),
    ];
    const place = await createPlace(({ index }) => (index === 0 ? broken : textAnswer('done')));
    const daemon = await place.start();
    const { conversationId, rolloutPath } = await daemon.newConversation();
    const socket = await daemon.connect();
    await socket.listen(conversationId);
    await daemon.say(conversationId, 'go');
    const { params } = await socket.event('task_complete');
    expect(params.msg.last_agent_message).toBe('done');
    expect(await socket.event('stream_error')).toBeDefined();
    expect(readFileSync(path.join(place.cwd, 'done.txt'), 'utf8')).toBe('ran\n');
    const next = JSON.stringify(place.model.requests[1]?.body.input);
    expect(next.match(/"call_id":"call-1"/g)).toHaveLength(2);
    expect(next).not.toContain('a part');
    const stored = rolloutLines(rolloutPath).filter(({ payload }) => payload.call_id === 'call-1');
    expect(stored.map(({ payload }) => payload.type)).toEqual(['function_call', 'function_call_output']);
    await daemon.say(conversationId, 'again');
    await socket.event('task_complete', socket.notifications.length);
  });
});
