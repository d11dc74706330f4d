import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, drop, hang, raw, wait } from '../../src/demo/answers.ts';
import { type ModelServer, type Responder, startModelServer } from '../../src/demo/model-server.ts';
import { completed, created, textAnswer, textDelta } from '../../src/demo/responses.ts';

let server: ModelServer | undefined;
afterEach(async () => server?.close());

async function serving(respond: Responder): Promise<ModelServer> {
  server = await startModelServer({ respond });
  return server;
}

function post(to: ModelServer, body: unknown = { input: [] }, signal?: AbortSignal): Promise<Response> {
  return fetch(`${to.url}/responses?a=b`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'x-test': 'yes' },
    ...(signal && { signal }),
  });
}

const always = (answer: Answer) => serving(() => answer);

describe('the model server', () => {
  it('streams events in order and ends', async () => {
    const response = await post(await always([created(), textDelta('é'), completed()]));
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const text = await response.text();
    expect(text.match(/^event: .*$/gm)).toEqual([
      'event: response.created',
      'event: response.output_text.delta',
      'event: response.completed',
    ]);
    expect(text).toContain('data: {"type":"response.output_text.delta","delta":"é"}\n\n');
  });

  it('gives plain HTTP answers with their headers', async () => {
    const response = await post(
      await always({ status: 429, headers: { 'retry-after': '2' }, body: { a: 1 } }),
    );
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(await response.json()).toEqual({ a: 1 });
  });

  it('records each request and hands it to the responder with its index', async () => {
    const model = await serving(({ index }) => textAnswer(`answer ${index}`));
    expect(await (await post(model, { input: [], model: 'm' })).text()).toContain('answer 0');
    expect(await (await post(model)).text()).toContain('answer 1');
    const first = await model.nextRequest();
    expect(first.body).toEqual({ input: [], model: 'm' });
    expect(first.headers['x-test']).toBe('yes');
    expect(first.url).toBe('/v1/responses?a=b');
    expect((await model.nextRequest()).index).toBe(1);
    expect(await first.closed).toBe(false);
  });

  it('holds a stream at a gate until it opens', async () => {
    const gate = Promise.withResolvers<void>();
    const response = await post(await always([created(), wait(gate.promise), completed()]));
    const reader = response.body?.getReader();
    const first = new TextDecoder().decode((await reader?.read())?.value);
    expect(first).toContain('response.created');
    expect(first).not.toContain('response.completed');
    gate.resolve();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain('response.completed');
  });

  it('delivers what stands before a drop and then destroys the connection', async () => {
    const response = await post(await always([created(), raw('data: half'), drop()]));
    const reader = response.body?.getReader();
    let seen = '';
    await expect(async () => {
      for (;;) seen += new TextDecoder().decode((await reader?.read())?.value);
    }).rejects.toThrow();
    expect(seen).toContain('response.created');
    expect(seen.endsWith('data: half')).toBe(true);
  });

  it('drops the connection before any header when that is the answer', async () => {
    await expect(post(await always(drop()))).rejects.toThrow('fetch failed');
  });

  it('notices that the client went away, also while the source of the stream is silent', async () => {
    let released = false;
    const model = await serving(async function* () {
      try {
        yield created();
        yield hang();
      } finally {
        released = true;
      }
    });
    const abort = new AbortController();
    await post(model, { input: [] }, abort.signal);
    const request = await model.nextRequest();
    abort.abort();
    expect(await request.closed).toBe(true);
    expect(request.closedEarly).toBe(true);
    await expect.poll(() => released).toBe(true);
  });

  it('refuses other paths, other bodies, and reports errors of the responder', async () => {
    const model = await serving(() => {
      throw new Error('no script');
    });
    expect((await fetch(`${model.url}/models`)).status).toBe(404);
    expect((await post(model, { input: 'text' })).status).toBe(400);
    const response = await post(model);
    expect([response.status, await response.json()]).toEqual([500, { error: { message: 'no script' } }]);
  });

  it('closes open streams and rejects those who wait for requests', async () => {
    const model = await always([created(), hang()]);
    const response = await post(model);
    const waiting = expect(model.waitForRequests(2)).rejects.toThrow('closed before request 1');
    await model.close();
    await waiting;
    await expect(response.text()).rejects.toThrow();
  });
});

it('counts requests that it is not to keep', async () => {
  const indices: number[] = [];
  server = await startModelServer({
    keepsRequests: false,
    respond: ({ index }) => {
      indices.push(index);
      return [];
    },
  });
  for (let i = 0; i < 2; i++) {
    const answer = await fetch(`${server.url}/responses`, { method: 'POST', body: '{"input":[]}' });
    await answer.text();
  }
  expect(indices).toEqual([0, 1]);
  expect(server.requests).toEqual([]);
});
