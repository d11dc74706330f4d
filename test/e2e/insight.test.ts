import { describe, expect, test } from 'vitest';
import { textAnswer } from '../../src/demo/responses.ts';
import { createPlace } from '../support/daemon-process.ts';

describe('GET /metrics of a daemon', () => {
  test('tells of turns, of the model and of the process', async () => {
    const place = await createPlace(({ index }) =>
      index === 1 ? { status: 400, body: { error: { message: 'no' } } } : textAnswer('hello'),
    );
    const daemon = await place.start();
    const { conversationId } = await daemon.newConversation();
    const socket = await daemon.connect();
    await socket.listen(conversationId);
    for (const text of ['one', 'two']) {
      const from = socket.notifications.length;
      await daemon.say(conversationId, text);
      await socket.event('task_complete', from);
    }
    const metrics = await (await daemon.fetch('/metrics')).text();
    expect(metrics.split('\n')).toEqual(
      expect.arrayContaining([
        'codexd_turns_active 0',
        'codexd_conversations_loaded 1',
        'codexd_approvals_pending 0',
        'codexd_storage_problem 0',
        'codexd_ws_connections 1',
        'codexd_turn_duration_seconds_count{outcome="complete"} 2',
        'codexd_model_requests_total{outcome="completed"} 2',
        'codexd_model_requests_total{outcome="failed"} 1',
        'codexd_model_retries_total 1',
        expect.stringMatching(/^codexd_tokens_total\{kind="output"\} [1-9]/),
        expect.stringMatching(/^codexd_events_published_total \d\d$/),
        expect.stringMatching(/^process_resident_memory_bytes \d+/),
        expect.stringMatching(/^codexd_event_loop_delay_seconds_count \d+/),
      ]),
    );
    expect(metrics).not.toContain(conversationId);
  });
});

describe('REL-CL-9: a message that is sent twice with one key', () => {
  test('starts one turn, though the first answer never arrived', async () => {
    const place = await createPlace(() => textAnswer('hello'));
    const daemon = await place.start();
    const { conversationId } = await daemon.newConversation();
    const socket = await daemon.connect();
    await socket.listen(conversationId);
    const send = (signal?: AbortSignal) =>
      daemon.fetch(`/v1/conversations/${conversationId}/messages`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'lost-answer' },
        body: JSON.stringify({ items: [{ type: 'text', data: { text: 'hi' } }] }),
        ...(signal && { signal }),
      });
    const cut = new AbortController();
    const lost = send(cut.signal).catch((error: Error) => error.name);
    await socket.event('task_started');
    cut.abort();
    await lost;
    expect((await send()).status).toBe(202);
    await socket.event('task_complete');
    expect(place.model.requests).toHaveLength(1);
  });
});
