import { describe, expect, it } from 'vitest';
import { registry } from '../../src/protocol/registry.ts';
import { Hub } from '../../src/rpc/hub.ts';
import { CONVERSATION, openDoors } from '../support/doors.ts';
import { bearer, call, post } from '../support/http.ts';
import { routesOf } from '../support/routes.ts';
import { openWebSocket } from '../support/websocket.ts';

const object = (members: number): string =>
  `{${Array.from({ length: members }, (_, index) => `"k${index}":0`).join()}}`;
const list = (elements: number): string => `[${Array(elements).fill('0').join()}]`;

describe('SEC-IN-9: JSON that is too wide', () => {
  it.each([
    ['members', object(10_001), 'too_many_members'],
    ['elements', list(100_001), 'too_many_elements'],
  ])('by its %s is refused over REST, POST /rpc and the WebSocket', async (_name, wide, reason) => {
    const { url } = await openDoors();
    const problem = await post(`${url}/v1/conversations`, `{"config":${wide}}`);
    expect([problem.status, problem.json()]).toMatchObject([400, { code: -32600, reason }]);
    const message = `{"id":1,"method":"newConversation","params":{"config":${wide}}}`;
    const answer = await post(`${url}/rpc`, message);
    expect(answer.json()).toMatchObject({ id: null, error: { code: -32600, data: { reason } } });
    const peer = await openWebSocket(url);
    await peer.call('getUserAgent');
    peer.send(message);
    expect(await peer.next()).toMatchObject({ id: null, error: { code: -32600, data: { reason } } });
    expect(await peer.call('getUserAgent')).toHaveProperty('result');
  });
});

describe('SEC-IN-10: a text that is too long for its field', () => {
  it('is refused over REST and JSON-RPC, which name the field', async () => {
    const { url } = await openDoors();
    const params = { cwd: 'x'.repeat(64 * 1024 + 1) };
    const problem = await post(`${url}/v1/conversations`, params);
    expect([problem.status, problem.json()]).toMatchObject([
      400,
      { code: -32602, errors: [{ path: 'cwd', message: 'longer than 65536 characters' }] },
    ]);
    const answer = await post(`${url}/rpc`, { id: 1, method: 'newConversation', params });
    expect(answer.json()).toMatchObject({ error: { code: -32602, data: { errors: [{ path: 'cwd' }] } } });
  });

  it('is none where people write', async () => {
    const { url } = await openDoors({ handlers: { sendUserMessage: () => ({}) } });
    const items = [{ type: 'text', data: { text: 'x'.repeat(500_000) } }];
    expect((await post(`${url}/v1/conversations/${CONVERSATION}/messages`, { items })).status).toBe(202);
  });
});

describe('SEC-DUP-1: a JSON-RPC message that says a thing twice', () => {
  it('is refused and not run, over both doors', async () => {
    const { url } = await openDoors();
    const twice = '{"id":1,"method":"getUserAgent","method":"newConversation"}';
    const refusal = { id: null, error: { code: -32600, data: { reason: 'duplicate_member' } } };
    expect((await post(`${url}/rpc`, twice)).json()).toMatchObject(refusal);
    const peer = await openWebSocket(url);
    peer.send(twice);
    expect(await peer.next()).toMatchObject(refusal);
  });
});

describe('SEC-IN-14: listeners', () => {
  const openLoaded = async () => {
    const hub = new Hub();
    hub.open(CONVERSATION);
    return openDoors({
      hub,
      handlers: {
        addConversationListener: ({ conversationId }, { client }) => ({
          subscriptionId: hub.subscribe(client, conversationId, 'unheard'),
        }),
        removeConversationListener: ({ subscriptionId }) => {
          hub.unsubscribe(subscriptionId);
          return {};
        },
      },
    });
  };

  it('may be a thousand on one connection, and as many on the next', async () => {
    const { url } = await openLoaded();
    const peer = await openWebSocket(url);
    const add = () => peer.call('addConversationListener', { conversationId: CONVERSATION });
    const made = [await add()];
    for (let count = 1; count < 1_000; count++) made.push(await add());
    expect(made.every(({ result }) => result !== undefined)).toBe(true);
    const refused = { error: { code: -32001, data: { reason: 'too_many_listeners' } } };
    expect(await add()).toMatchObject(refused);
    await peer.call('removeConversationListener', made[0]?.result);
    expect(await add()).toHaveProperty('result');
    const other = await openWebSocket(url);
    const params = { conversationId: CONVERSATION };
    expect(await other.call('addConversationListener', params)).toHaveProperty('result');
  });

  it('of REST may be a thousand together; the next is told to come later', async () => {
    const { url } = await openLoaded();
    const batch = Array.from({ length: 100 }, (_, id) => ({
      id,
      method: 'addConversationListener',
      params: { conversationId: CONVERSATION },
    }));
    for (let count = 0; count < 10; count++) await post(`${url}/rpc`, batch);
    const answer = await post(`${url}/v1/conversations/${CONVERSATION}/listeners`, {});
    expect([answer.status, answer.headers['retry-after'], answer.json()]).toMatchObject([
      429,
      '1',
      { code: -32001, reason: 'too_many_listeners' },
    ]);
  });
});

describe('SEC-CSRF-2: reading', () => {
  /** Methods that change nothing. Whatever is not here must not be reachable by GET. */
  const READING = /^(get|list)[A-Z]|^(userInfo|gitDiffToRemote)$/;

  it('is all that GET is for: no method that changes something has one', () => {
    const byGet = [...registry.values()].filter(({ rest }) => rest?.verb === 'GET').map(({ name }) => name);
    expect(byGet.length).toBeGreaterThan(3);
    expect(byGet.filter((name) => !READING.test(name))).toEqual([]);
    const changing = [...registry.values()].filter(({ name }) => !READING.test(name));
    expect(changing.filter(({ rest }) => rest?.verb === 'GET').map(({ name }) => name)).toEqual([]);
  });

  it('by GET runs no method but those, on any route, with any query', async () => {
    const reached: string[] = [];
    const { url, app } = await openDoors({
      dispatcher: {
        call: async (name) => reached.push(name),
        run: (def) => {
          reached.push(def.name);
          return {};
        },
      },
    });
    const routes = routesOf(app).filter(
      ({ method, url: path }) => method === 'GET' && !path.endsWith('/events'),
    );
    expect(routes.length).toBeGreaterThan(8);
    for (const { url: path } of routes) {
      const query = '?method=newConversation&action=archive&_method=POST&id=1';
      const target = path.replace(/:\w+/g, CONVERSATION) + query;
      const override = { 'x-http-method-override': 'POST', 'x-method-override': 'DELETE' };
      await call(url + target, { headers: { ...bearer, ...override } });
    }
    expect(reached.filter((name) => !READING.test(name))).toEqual([]);
  });

  it('does not carry JSON-RPC', async () => {
    const { url } = await openDoors();
    const answer = await call(`${url}/rpc?method=newConversation&id=1`, { headers: bearer });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'POST']);
    const other = await call(`${url}/rpc;v=1`, { headers: bearer });
    expect([other.status, other.headers.allow]).toEqual([404, undefined]);
  });
});

describe('SEC-TOK-9: what a client says of itself', () => {
  it('gives it no right that its credential does not give', async () => {
    const { url } = await openDoors();
    const claims = { 'x-codexd-role': 'admin', 'x-codexd-client': '1', 'user-agent': 'codexd-cli/9' };
    expect((await call(`${url}/v1/user-agent`, { headers: claims })).status).toBe(401);
    await expect(openWebSocket(url, { headers: claims })).rejects.toThrow('401');
    const peer = await openWebSocket(url);
    const [clientInfo, capabilities] = [
      { name: 'codexd', version: '9' },
      { admin: true, role: 'owner' },
    ];
    await peer.call('initialize', { clientInfo, capabilities });
    expect(await peer.call('codexd/admin')).toMatchObject({ error: { code: -32601 } });
  });
});
