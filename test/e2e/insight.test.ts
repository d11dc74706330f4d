import { describe, expect, test } from 'vitest';
import { textAnswer } from '../../src/demo/responses.ts';
import { createPlace } from '../support/daemon-process.ts';

/** What dashboards are made for: name, and the labels that stand for it. */
const METRICS: Readonly<Record<string, readonly string[]>> = {
  codexd_http_requests_total: ['method', 'route', 'code'],
  codexd_http_request_duration_seconds: [],
  codexd_ws_connections: [],
  codexd_sse_connections: [],
  codexd_events_sent_total: [],
  codexd_client_queue_bytes: [],
  codexd_overflows_total: [],
  codexd_turns_active: [],
  codexd_turn_duration_seconds: [],
  codexd_model_requests_total: ['outcome'],
  codexd_model_retries_total: ['cause'],
  codexd_tokens_total: ['kind'],
  codexd_rollout_write_seconds: [],
  codexd_rollout_errors_total: [],
  codexd_auth_failures_total: [],
  codexd_token_refresh_total: ['outcome'],
  codexd_child_processes: [],
  codexd_event_loop_delay_seconds: [],
};

describe('GET /metrics of a daemon', () => {
  test('has every metric of the list, with its labels', async () => {
    const place = await createPlace(({ index }) =>
      index === 0 ? { status: 500, body: {} } : textAnswer('hello'),
    );
    const daemon = await place.start();
    const { conversationId } = await daemon.newConversation();
    const socket = await daemon.connect();
    await socket.listen(conversationId);
    await daemon.say(conversationId, 'one');
    await socket.event('task_complete');
    const metrics = await (await daemon.fetch('/metrics')).text();
    for (const [name, labels] of Object.entries(METRICS)) {
      expect(metrics).toContain(`# TYPE ${name} `);
      const sample = new RegExp(`^${name}\\{(.*)\\} `, 'm').exec(metrics)?.[1];
      // What has not happened yet has no sample.
      if (sample !== undefined) for (const label of labels) expect(sample).toContain(`${label}="`);
    }
    expect(metrics).toContain('codexd_model_retries_total{cause="server_error"} 1');
    expect(metrics).toMatch(/^process_cpu_seconds_total /m);
    expect(metrics).toMatch(/^nodejs_heap_size_used_bytes /m);
  });

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
        'codexd_model_retries_total{cause="stream"} 1',
        'codexd_child_processes 0',
        expect.stringMatching(/^codexd_rollout_write_seconds_count\{outcome="stored"\} \d+/),
        'codexd_rollout_errors_total 0',
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
