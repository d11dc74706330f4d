import { describe, expect, it } from 'vitest';
import { RpcError } from '../../src/protocol/errors.ts';
import { CONVERSATION, openDoors } from '../support/doors.ts';
import { bearer, call, get, post } from '../support/http.ts';

const items = [{ type: 'text' as const, data: { text: 'hello' } }];

describe('REST', () => {
  it('answers 201 with the result and the address of what was made', async () => {
    const { url } = await openDoors({
      handlers: { newConversation: () => ({ conversationId: CONVERSATION, model: 'm', rolloutPath: '/r' }) },
    });
    const answer = await post(`${url}/v1/conversations`, { model: 'm' });
    expect(answer.status).toBe(201);
    expect(answer.headers.location).toBe(`/v1/conversations/${CONVERSATION}`);
    expect(answer.json()).toEqual({ conversationId: CONVERSATION, model: 'm', rolloutPath: '/r' });
  });

  it('takes a missing body for an empty one', async () => {
    const { url } = await openDoors({
      handlers: {
        newConversation: (params) => ({
          conversationId: CONVERSATION,
          model: JSON.stringify(params),
          rolloutPath: '',
        }),
      },
    });
    const without = await call(`${url}/v1/conversations`, { method: 'POST', headers: bearer });
    const empty = await post(`${url}/v1/conversations`, '');
    expect([without.json(), empty.json()]).toMatchObject([{ model: '{}' }, { model: '{}' }]);
  });

  it('puts path and body together, and ignores what the method does not know', async () => {
    const seen: unknown[] = [];
    const { url } = await openDoors({
      handlers: {
        sendUserMessage: (params) => {
          seen.push(params);
          return {};
        },
      },
    });
    const answer = await post(`${url}/v1/conversations/${CONVERSATION}/messages`, { items, unknown: 1 });
    expect([answer.status, answer.json()]).toEqual([202, {}]);
    expect(seen).toEqual([{ conversationId: CONVERSATION, items }]);
  });

  it('merges nothing from the body into a method whose params are all in the path', async () => {
    const seen: unknown[] = [];
    const { url } = await openDoors({
      handlers: {
        interruptConversation: (params) => {
          seen.push(params);
          return { abortReason: 'interrupted' };
        },
      },
    });
    await post(`${url}/v1/conversations/${CONVERSATION}/interrupt`, { other: true });
    expect(seen).toEqual([{ conversationId: CONVERSATION }]);
  });

  it('lets the body repeat a field of the path, but not differ from it', async () => {
    const { url } = await openDoors({ handlers: { sendUserMessage: () => ({}) } });
    const address = `${url}/v1/conversations/${CONVERSATION}/messages`;
    expect((await post(address, { conversationId: CONVERSATION, items })).status).toBe(202);
    const refused = await post(address, { conversationId: 'other', items });
    expect([refused.status, refused.json()]).toMatchObject([
      400,
      { code: -32602, errors: [{ path: 'conversationId', message: 'differs between path and body' }] },
    ]);
  });

  it('reads numbers and booleans of the query, and takes empty values for missing ones', async () => {
    const seen: unknown[] = [];
    const { url } = await openDoors({
      handlers: {
        listConversations: (params) => {
          seen.push(params);
          return { items: [] };
        },
      },
    });
    await get(`${url}/v1/conversations?pageSize=5&cursor=42&archived=true&other=1`);
    await get(`${url}/v1/conversations?pageSize=&cursor=&archived=`);
    expect(seen).toEqual([{ pageSize: 5, cursor: '42', archived: true }, {}]);
  });

  it.each([
    ['pageSize=five', 'pageSize'],
    ['pageSize=1.5', 'pageSize'],
    ['pageSize=1e3', 'pageSize'],
    ['pageSize=-1', 'pageSize'],
    ['pageSize=1&pageSize=2', 'pageSize'],
    ['archived=yes', 'archived'],
  ])('refuses ?%s and names the field', async (query, field) => {
    const { url } = await openDoors();
    const answer = await get(`${url}/v1/conversations?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.json()).toMatchObject({
      type: 'urn:codexd:problem:invalid-params',
      code: -32602,
      reason: 'invalid_params',
      detail: expect.stringMatching(new RegExp(`^invalid params: ${field}: .`)),
      errors: [{ path: field }],
    });
  });

  it('names a field deep in the body as JSON-RPC does', async () => {
    const { url } = await openDoors();
    const bad = [{ type: 'text', data: { text: 1 } }];
    const byRest = await post(`${url}/v1/conversations/${CONVERSATION}/messages`, { items: bad });
    const byRpc = await post(`${url}/rpc`, {
      id: 1,
      method: 'sendUserMessage',
      params: { conversationId: CONVERSATION, items: bad },
    });
    const problem = byRest.json() as Record<string, unknown>;
    expect(byRpc.json()).toEqual({
      jsonrpc: '2.0',
      id: 1,
      error: {
        code: -32602,
        message: problem.detail,
        data: { reason: problem.reason, errors: problem.errors },
      },
    });
    expect(problem.errors).toMatchObject([{ path: 'items.0.data.text' }]);
  });

  it.each(['..%2f..%2fauth.json', '%00', 'x'.repeat(3000), '%252e%252e', '..', 'b7c1f0de'])(
    'SEC-PATH-1: refuses the conversation id %s',
    async (id) => {
      const { url } = await openDoors();
      const answer = await call(url, { path: `/v1/conversations/${id}`, headers: bearer });
      expect(answer.status).toBe(400);
      expect(answer.json()).toMatchObject({ code: -32602, errors: [{ path: 'conversationId' }] });
    },
  );

  it.each([
    [
      new RpcError('notFound', 'conversation not found: x', { reason: 'conversation_not_found' }),
      404,
      -32600,
    ],
    [new RpcError('conflict', 'taken', { data: { decision: 'denied' } }), 409, -32600],
    [new RpcError('unavailable', 'draining', { reason: 'draining' }), 503, -32001],
    [new RpcError('overloaded', 'later'), 429, -32001],
  ])('answers %s as a problem with its status', async (error, status, code) => {
    const { url } = await openDoors({
      handlers: {
        getUserAgent: () => {
          throw error;
        },
      },
    });
    const answer = await get(`${url}/v1/user-agent`);
    expect(answer.status).toBe(status);
    expect(answer.json()).toEqual(error.toProblem());
    expect(answer.json()).toMatchObject({ status, code, detail: error.message });
    expect(answer.headers['retry-after']).toBe(code === -32001 ? '1' : undefined);
  });

  it('SEC-RED-3: logs an unknown error whole and answers only with the id to find it by', async () => {
    const { url, log } = await openDoors({
      handlers: {
        getUserAgent: () => {
          throw new Error('secret /home/me/path');
        },
      },
    });
    const answer = await get(`${url}/v1/user-agent`);
    expect(answer.status).toBe(500);
    const problem = answer.json() as { instance: string };
    expect(problem).toMatchObject({ code: -32603, reason: 'internal' });
    expect(answer.text).not.toContain('secret');
    const line = log.find(({ instance }) => instance === problem.instance);
    expect(line).toMatchObject({
      level: 50,
      route: '/v1/user-agent',
      err: { message: 'secret /home/me/path' },
    });
  });

  it('answers 500 rather than a result that does not fit its schema', async () => {
    const { url, log } = await openDoors({ handlers: { getUserAgent: () => ({}) as { userAgent: string } } });
    expect((await get(`${url}/v1/user-agent`)).status).toBe(500);
    expect(JSON.stringify(log)).toMatch(/ZodError.*userAgent/);
  });

  it('gives HEAD the headers of GET', async () => {
    const { url } = await openDoors();
    const answer = await call(`${url}/v1/user-agent`, { method: 'HEAD', headers: bearer });
    expect([answer.status, answer.text]).toEqual([200, '']);
  });
});

describe('a request body', () => {
  const address = `/v1/conversations/${CONVERSATION}/messages`;
  const send = async (body: string | Uint8Array, type: string, path = address) => {
    const { url } = await openDoors({ handlers: { sendUserMessage: () => ({}) } });
    return call(url, { path, method: 'POST', headers: { ...bearer, 'content-type': type }, body });
  };
  const good = JSON.stringify({ items });

  it.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"'])(
    'may be %s',
    async (type) => {
      expect((await send(good, type)).status).toBe(202);
    },
  );

  it.each([
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json, text/plain',
    'application/json; charset=utf-16',
    'application/jsonp',
    '',
  ])('SEC-CSRF-1: must not be %j', async (type) => {
    const answer = await send(good, type);
    expect([answer.status, answer.json()]).toMatchObject([415, { reason: 'unsupported_media_type' }]);
  });

  it('must be JSON in UTF-8', async () => {
    const broken = await send('{"items":', 'application/json');
    expect([broken.status, broken.json()]).toMatchObject([400, { code: -32700, reason: 'not_json' }]);
    const latin1 = await send(Buffer.from('{"items":"\xe9"}', 'latin1'), 'application/json');
    expect([latin1.status, latin1.json()]).toMatchObject([400, { code: -32700 }]);
  });

  it('SEC-PROTO-1: must not try to reach prototypes', async () => {
    expect((await send('{"__proto__":{"polluted":1}}', 'application/json')).status).toBe(400);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('SEC-IN-8: may be nested 64 levels deep and no deeper', async () => {
    const nested = (depth: number) => `{"items":[],"x":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect((await send(nested(64), 'application/json')).status).toBe(202);
    const answer = await send(nested(65), 'application/json');
    expect([answer.status, answer.json()]).toMatchObject([400, { code: -32600, reason: 'too_deep' }]);
  });

  it('SEC-IN-3 SEC-IN-4: has its limit by route', async () => {
    const large = JSON.stringify({ items: [{ type: 'text', data: { text: 'x'.repeat(2 * 1024 * 1024) } }] });
    expect((await send(large, 'application/json')).status).toBe(202);
    const refused = await send(large, 'application/json', '/v1/exec');
    expect([refused.status, refused.json()]).toMatchObject([413, { reason: 'too_large' }]);
  });
});

describe('a request', () => {
  it('SEC-IN-2: is refused with 414 when its URL is too long', async () => {
    const { url } = await openDoors();
    const answer = await get(`${url}/v1/conversations?cursor=${'x'.repeat(8 * 1024)}`);
    expect([answer.status, answer.json()]).toMatchObject([414, { status: 414, reason: 'uri_too_long' }]);
  });

  it('SEC-IN-1: is refused with 431 when it has too many headers, or too large ones', async () => {
    const { url } = await openDoors();
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`x-h${index}`, '1']));
    expect((await get(`${url}/v1/user-agent`, { ...bearer, ...many })).status).toBe(431);
    const large = await get(`${url}/v1/user-agent`, { ...bearer, 'x-large': 'x'.repeat(17 * 1024) });
    expect([large.status, large.json()]).toMatchObject([431, { reason: 'headers_too_large' }]);
  });

  it('keeps its X-Request-Id when that is harmless, and gets one otherwise', async () => {
    const { url } = await openDoors();
    const named = await get(`${url}/v1/user-agent`, { ...bearer, 'x-request-id': 'abc-1.2:3' });
    expect(named.headers['x-request-id']).toBe('abc-1.2:3');
    const strange = await get(`${url}/v1/user-agent`, { ...bearer, 'x-request-id': 'a b"c' });
    expect(strange.headers['x-request-id']).toMatch(/^[0-9a-f]{8}-\d+$/);
  });
});
