import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../../src/core/model/types.ts';
import { type Answer, drop, hang, raw } from '../../../src/demo/answers.ts';
import * as api from '../../../src/demo/responses.ts';
import { failing, type StepOptions, serve, signedWith, step } from './model-step.ts';

async function failure(answer: Answer, options?: StepOptions): Promise<ModelError> {
  const { error } = await failing(step((await serve(answer)).url, options));
  if (error instanceof ModelError) return error;
  throw error;
}

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const limit = (plan_type?: string, resets_in_seconds?: number, type = 'usage_limit_reached') => ({
  status: 429,
  body: { error: { type, message: 'limit', plan_type, resets_in_seconds } },
});

const DISCONNECTED = 'stream disconnected before completion: ';

describe('a step that gets no stream', () => {
  it('names the address that does not answer, without user, password and query', async () => {
    const port = await unusedPort();
    const { error } = await failing(
      step(`http://user:secret@127.0.0.1:${port}/v1`, { provider: { queryParams: { key: 'secret' } } }),
    );
    expect(error).toMatchObject({
      message: `error sending request for url (http://127.0.0.1:${port}/v1/responses)`,
      retryable: true,
    });
  });

  it('says the same when the connection ends before an answer, or none comes in time', async () => {
    const message = expect.stringMatching(/^error sending request for url \(http:.*\/v1\/responses\)$/);
    expect(await failure(drop())).toMatchObject({ message, retryable: true });
    const silent = await failure(hang(), { provider: { streamIdleTimeoutMs: 50 } });
    expect(silent).toMatchObject({ message, retryable: true });
  });

  it.each([
    [429, {}, 'exceeded retry limit, last status: 429 Too Many Requests'],
    [401, {}, 'exceeded retry limit, last status: 401 Unauthorized'],
    [500, {}, "We're currently experiencing high demand, which may cause temporary errors."],
    [502, '<html>', 'exceeded retry limit, last status: 502 Bad Gateway'],
    [529, '', 'exceeded retry limit, last status: 529 <unknown status code>'],
    [400, { error: 1 }, 'unexpected status 400 Bad Request: {"error":1}'],
    [404, '', 'unexpected status 404 Not Found: '],
    [408, 'slow', 'unexpected status 408 Request Timeout: slow'],
    [499, 'odd', 'unexpected status 499 <unknown status code>: odd'],
  ])('tells status %d, and the turn may repeat it', async (status, body, message) => {
    expect(await failure({ status, body })).toMatchObject({ message, retryable: true });
  });

  it.each([
    [400, 'context_length_exceeded'],
    [429, 'insufficient_quota'],
  ])('is not repeated for status %d %s', async (status, code) => {
    const body = { error: { code, message: 'no' } };
    const error = await failure({ status, body }, { provider: { requestMaxRetries: 3 } });
    expect(error.message).toContain(`${status} `);
    expect(error.message).toContain(JSON.stringify(body));
    expect(error.retryable).toBe(false);
  });

  it.each([
    [
      limit('free', 5),
      'To use Codex with your ChatGPT plan, upgrade to Plus: https://openai.com/chatgpt/pricing.',
    ],
    [
      limit('plus', 1, 'usage_not_included'),
      'To use Codex with your ChatGPT plan, upgrade to Plus: https://openai.com/chatgpt/pricing.',
    ],
    [
      limit('plus', 7265),
      "You've hit your usage limit. Upgrade to Pro (https://openai.com/chatgpt/pricing) or try again in 2 hours 1 minute.",
    ],
    [
      limit('plus'),
      "You've hit your usage limit. Upgrade to Pro (https://openai.com/chatgpt/pricing) or try again later.",
    ],
    [
      limit('team', 3600),
      "You've hit your usage limit. To get more access now, send a request to your admin or try again in 1 hour.",
    ],
    [
      limit('business'),
      "You've hit your usage limit. To get more access now, send a request to your admin or try again later.",
    ],
    [limit('pro', 183_660), "You've hit your usage limit. Try again in 2 days 3 hours 1 minute."],
    [limit('edu', 59), "You've hit your usage limit. Try again in less than a minute."],
    [limit(), "You've hit your usage limit. Try again later."],
  ])('explains a used-up plan and is not repeated %#', async (answer, message) => {
    const server = await serve(answer);
    const { error } = await failing(step(server.url, { provider: { requestMaxRetries: 3 } }));
    expect(error).toMatchObject({ message, retryable: false });
    expect(server.requests).toHaveLength(1);
  });

  it('SEC-BIND-4: does not follow redirects', async () => {
    const other = await serve(api.textAnswer('stolen'));
    const server = await serve({ status: 307, headers: { location: `${other.url}/responses?a=b` } });
    const credential = signedWith({ mode: 'apikey', token: 'secret' });
    const { error } = await failing(step(server.url, { credential }));
    expect(error).toMatchObject({
      message: expect.stringContaining(`redirects to http://127.0.0.1:${other.port}, and redirects are not`),
      retryable: false,
    });
    expect(other.requests).toEqual([]);
  });

  it('shows no more than 64 KiB of an error', async () => {
    const error = await failure({ status: 400, body: 'x'.repeat(1_000_000) });
    expect(error.message.length).toBeLessThan(65 * 1024);
  });
});

describe('a step whose credential would be exposed', () => {
  const url = 'http://192.0.2.1/v1';
  const refused = expect.stringContaining('a credential is not sent to http://192.0.2.1');

  it.each<[string, StepOptions]>([
    ['a login', { credential: signedWith({ mode: 'apikey', token: 'secret' }) }],
    ['a key in the headers', { provider: { httpHeaders: { 'API-Key': 'secret' } } }],
    ['a header from the environment', { provider: { envHttpHeaders: { x: 'X' } }, env: { X: 'secret' } }],
  ])('is refused for %s', async (_, options) => {
    const { error } = await failing(step(url, options));
    expect(error).toMatchObject({ message: refused, retryable: false });
    expect((error as Error).message).not.toContain('secret');
  });

  it('is sent over plain http to this machine', async () => {
    const server = await serve(api.textAnswer('ok'));
    const credential = signedWith({ mode: 'apikey', token: 'key' });
    const url = server.url.replace('127.0.0.1', 'localhost');
    for await (const _ of step(url, { credential }));
    expect((await server.nextRequest()).headers.authorization).toBe('Bearer key');
  });

  it('does not show a token that is no header value', async () => {
    const credential = signedWith({ mode: 'apikey', token: 'sec\nret' });
    const server = await serve(api.textAnswer('ok'));
    const { error } = await failing(step(server.url, { credential }));
    expect(error).toMatchObject({ message: expect.stringContaining('authorization'), retryable: false });
    expect((error as Error).message).not.toContain('sec');
  });

  it('needs an address', async () => {
    const { error } = await failing(step('ftp://x'));
    expect(error).toMatchObject({ message: expect.stringContaining('base_url'), retryable: false });
  });
});

describe('REL-MS-9: a step whose stream fails', () => {
  it('REL-MS-2: keeps what came before the connection broke', async () => {
    const { url } = await serve([api.created(), api.textDelta('par'), drop()]);
    const { error, seen } = await failing(step(url));
    expect(error).toMatchObject({
      message: `${DISCONNECTED}Transport error: error decoding response body`,
      retryable: true,
    });
    expect(seen.map((event) => event.type)).toEqual(['created', 'text_delta']);
  });

  it.each<[string, Answer]>([
    ['ends early', [api.created()]],
    ['is incomplete', [api.created(), { type: 'response.incomplete', response: { id: 'r' } }]],
    ['reports an error event', [{ type: 'error', code: 'x', message: 'bad' }]],
    [
      'ends without the last blank line',
      [raw('data: {"type":"response.completed","response":{"id":"r"}}\n')],
    ],
    ['completes without an id', [{ type: 'response.completed', response: {} }]],
    ['is no stream', { status: 200, body: { ok: true } }],
  ])('that %s counts as closed early', async (_, answer) => {
    expect(await failure(answer)).toMatchObject({
      message: `${DISCONNECTED}stream closed before response.completed`,
      retryable: true,
      retryAfterMs: undefined,
    });
  });

  it('REL-MS-3: counts as idle when no event comes in time, whatever else comes', async () => {
    const idle = { message: `${DISCONNECTED}idle timeout waiting for SSE`, retryable: true };
    const options = { provider: { streamIdleTimeoutMs: 150 } };
    expect(await failure([hang()], options)).toMatchObject(idle);
    const pings = async function* () {
      yield api.created();
      for (;;) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        yield raw(': ping\n\n');
      }
    };
    const server = await serve(() => pings());
    const { error, seen } = await failing(step(server.url, options));
    expect(error).toMatchObject(idle);
    expect(seen).toHaveLength(1);
    expect(await (await server.nextRequest()).closed).toBe(true);
  });

  it('is not idle while events of any kind come, nor while the consumer is busy', async () => {
    const slow = async function* () {
      for (let i = 0; i < 10; i++) {
        await new Promise((resolve) => setTimeout(resolve, 30));
        yield { type: 'ping' };
      }
      yield* api.textAnswer('a b');
    };
    const { url } = await serve(() => slow());
    let last = '';
    for await (const { type } of step(url, { provider: { streamIdleTimeoutMs: 200 } })) {
      if (type === 'created') await new Promise((resolve) => setTimeout(resolve, 250));
      last = type;
    }
    expect(last).toBe('completed');
  });

  it.each([
    ['server_error', 'Please try again in 1.5s.', true, undefined],
    ['rate_limit_exceeded', 'Limit. Please try again in 250ms.', true, 250],
    ['rate_limit_exceeded', 'Please try again in 0.3s.', true, 300],
    ['rate_limit_exceeded', 'Please try again in 1.2345s', true, 1234.5],
    ['rate_limit_exceeded', 'try again later', true, undefined],
    ['context_length_exceeded', 'too long', false, undefined],
    ['insufficient_quota', 'pay', false, undefined],
  ])('says why: %s, %s', async (code, message, retryable, retryAfterMs) => {
    expect(await failure([api.created(), api.failed(code, message), hang()])).toMatchObject({
      message: `${DISCONNECTED}${message}`,
      retryable,
      retryAfterMs,
    });
  });

  it.each([
    [{ id: 'r' }, 'response.failed event received'],
    [{ id: 'r', error: { code: 'x' } }, ''],
  ])('says as much as is known of %j', async (response, reason) => {
    const error = await failure([{ type: 'response.failed', response }]);
    expect(error.message).toBe(`${DISCONNECTED}${reason}`);
  });
});
