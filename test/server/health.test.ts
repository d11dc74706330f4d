import { describe, expect, it } from 'vitest';
import { openDoors } from '../support/doors.ts';
import { get } from '../support/http.ts';

describe('health', () => {
  it('SEC-GATE-3: is public and says nothing but that the daemon lives', async () => {
    const { url } = await openDoors();
    const answer = await get(`${url}/healthz`, {});
    expect([answer.status, answer.text]).toEqual([200, '{"status":"ok"}']);
  });

  it('readiness is 200, or 503 with the reasons', async () => {
    let reasons: string[] = [];
    const { url } = await openDoors({ readiness: () => ({ ready: reasons.length === 0, reasons }) });
    const ready = await get(`${url}/readyz`, {});
    expect([ready.status, ready.json()]).toEqual([200, { status: 'ready', reasons: [] }]);
    reasons = ['draining'];
    const draining = await get(`${url}/readyz`, {});
    expect([draining.status, draining.json()]).toEqual([503, { status: 'not_ready', reasons: ['draining'] }]);
  });
});

describe('SEC-SLOW-1: the server', () => {
  it('has a limit for every way to keep it waiting', async () => {
    const { app } = await openDoors();
    expect(app.server).toMatchObject({
      requestTimeout: 30_000,
      headersTimeout: 5_000,
      keepAliveTimeout: 15_000,
      maxRequestsPerSocket: 1_000,
    });
  });
});
