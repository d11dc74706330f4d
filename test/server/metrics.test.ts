import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { watchEventLoop } from '../../src/metrics/event-loop.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { CONVERSATION, type Doors, openDoors } from '../support/doors.ts';
import { openEvents } from '../support/event-source.ts';
import { bearer, call, get, post } from '../support/http.ts';
import { openWebSocket } from '../support/websocket.ts';

/** The lines of the metrics that begin like this. */
async function metrics({ url }: Doors, start: string): Promise<string[]> {
  const { text } = await get(`${url}/metrics`);
  return text.split('\n').filter((line) => line.startsWith(start));
}

describe('GET /metrics', () => {
  it('is text for Prometheus, with help and type for each metric', async () => {
    const { url } = await openDoors();
    const { headers, text } = await get(`${url}/metrics`);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    for (const [, name] of text.matchAll(/^# TYPE (\S+) /gm)) expect(text).toContain(`# HELP ${name} `);
    expect(text).toContain('codexd_http_requests_total');
  });

  it('SEC-RED-7: counts answers by the pattern of their route, never by the address', async () => {
    const doors = await openDoors();
    await get(`${doors.url}/v1/user-agent`);
    await get(`${doors.url}/v1/conversations/${CONVERSATION}/events`);
    await get(`${doors.url}/secret/${CONVERSATION}`);
    expect(await metrics(doors, 'codexd_http_requests_total')).toEqual([
      'codexd_http_requests_total{method="GET",route="/v1/user-agent",code="200"} 1',
      'codexd_http_requests_total{method="GET",route="/v1/conversations/:conversationId/events",code="404"} 1',
      'codexd_http_requests_total{method="GET",route="none",code="404"} 1',
    ]);
    const { text } = await get(`${doors.url}/metrics`);
    expect(text).not.toContain(CONVERSATION);
  });

  it('SEC-RATE-1: counts credentials and codes that are not good, not those who show none', async () => {
    const doors = await openDoors();
    await call(`${doors.url}/v1/user-agent`);
    await get(`${doors.url}/v1/user-agent`, { authorization: 'Bearer wrong' });
    const page = { origin: doors.url, 'x-codexd-client': '1' };
    await post(`${doors.url}/v1/session`, { code: 'wrong' }, page);
    expect(await metrics(doors, 'codexd_auth_failures_total')).toEqual(['codexd_auth_failures_total 2']);
  });

  it('shows who is connected and what they were sent', async () => {
    const doors = await openDoors();
    doors.hub.open(CONVERSATION);
    const peer = await openWebSocket(doors.url);
    await peer.call('getUserAgent');
    await openEvents(`${doors.url}/v1/conversations/${CONVERSATION}/events`);
    await openEvents(`${doors.url}/v1/events`);
    expect(await metrics(doors, 'codexd_ws_connections')).toEqual(['codexd_ws_connections 1']);
    expect(await metrics(doors, 'codexd_sse_connections')).toEqual(['codexd_sse_connections 2']);
    await vi.waitFor(async () => {
      expect(await metrics(doors, 'codexd_events_sent_total')).toEqual(['codexd_events_sent_total 3']);
      expect(await metrics(doors, 'codexd_client_queue_bytes')).toEqual(['codexd_client_queue_bytes 0']);
    });
  });
});

describe('the access log', () => {
  it('has a line per answer with its request id, and no query', async () => {
    const { url, log } = await openDoors();
    const { headers } = await get(`${url}/v1/conversations?cursor=secret`, {
      ...bearer,
      'x-request-id': 'mine-1',
    });
    expect(headers['x-request-id']).toBe('mine-1');
    await vi.waitFor(() => expect(log.some(({ msg }) => msg === 'answered')).toBe(true));
    expect(log.filter(({ msg }) => msg === 'answered')).toMatchObject([
      { level: 30, method: 'GET', route: '/v1/conversations', status: 500, requestId: 'mine-1' },
    ]);
    expect(JSON.stringify(log)).not.toContain('secret');
  });
});

const block = (milliseconds: number): void => {
  for (const until = performance.now() + milliseconds; performance.now() < until; );
};

describe('REL-ST-1: the watch over the event loop', () => {
  it('measures delays and reports a stall, with what had begun before it', async () => {
    const found = createMetrics();
    const onStall = vi.fn();
    const stop = watchEventLoop(found, { onStall });
    onTestFinished(stop);
    const end = found.operations.begin('something slow');
    block(600);
    await vi.waitFor(() => expect(onStall).toHaveBeenCalledTimes(1));
    end();
    expect(onStall.mock.calls[0]?.[0]).toEqual({
      delayMs: expect.any(Number),
      operations: ['something slow'],
    });
    expect(onStall.mock.calls[0]?.[0].delayMs).toBeGreaterThan(200);
    const { values } = await found.eventLoopDelay.get();
    expect(values.find(({ metricName }) => metricName?.endsWith('_sum'))?.value).toBeGreaterThan(0.2);
  });

  it('names the request that ran, and not those that only waited', async () => {
    const found = createMetrics();
    const doors = await openDoors({
      metrics: found,
      handlers: {
        getUserAgent: () => {
          block(600);
          return { userAgent: '' };
        },
      },
    });
    const onStall = vi.fn();
    onTestFinished(watchEventLoop(found, { onStall }));
    found.operations.begin('waits for long');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await get(`${doors.url}/v1/user-agent`);
    await vi.waitFor(() => expect(onStall).toHaveBeenCalledTimes(1));
    expect(onStall.mock.calls[0]?.[0].operations).toEqual(['GET /v1/user-agent']);
    const [stalls] = await metrics(doors, 'codexd_event_loop_stalls_total');
    expect(stalls).toBe('codexd_event_loop_stalls_total{operation="GET /v1/user-agent"} 1');
  });

  it('forgets requests whose client has gone', async () => {
    const found = createMetrics();
    const { url } = await openDoors({
      metrics: found,
      handlers: { getUserAgent: () => new Promise(() => {}) },
    });
    const cut = new AbortController();
    const request = fetch(`${url}/v1/user-agent`, { headers: bearer, signal: cut.signal });
    await vi.waitFor(() => expect(found.operations.running).toEqual(['GET /v1/user-agent']));
    cut.abort();
    await expect(request).rejects.toThrow();
    await vi.waitFor(() => expect(found.operations.running).toEqual([]));
  });
});
