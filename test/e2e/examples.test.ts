import { describe, expect, test } from 'vitest';
import { demoResponder } from '../../src/demo/script.ts';
import { registry } from '../../src/protocol/registry.ts';
import { examples } from '../../src/protocol/v1/examples.ts';
import { createPlace, type DaemonProcess } from '../support/daemon-process.ts';

type Json = Record<string, unknown>;
/** What stands in an example -> what the daemon has in its place. */
type Stands = Map<unknown, unknown>;
type Setup = (daemon: DaemonProcess) => Promise<Stands>;

/** A conversation in which `text` was said, and what came of it. */
async function converse(daemon: DaemonProcess, text: string, until: string): Promise<Stands> {
  const params = { approvalPolicy: 'on-request', sandbox: 'read-only' };
  const { conversationId, rolloutPath } = await daemon.newConversation(params);
  const socket = await daemon.connect();
  const { initialize } = Object.fromEntries(registry);
  await socket.call('initialize', initialize?.example?.params);
  const subscriptionId = await socket.listen(conversationId);
  await daemon.say(conversationId, text);
  await socket.message(until);
  return new Map<unknown, unknown>([
    [examples.conversationId, conversationId],
    [examples.rolloutPath, rolloutPath],
    [examples.subscriptionId, subscriptionId],
    [examples.cwd, process.cwd()],
  ]);
}

const hello: Setup = (daemon) => converse(daemon, 'hello', 'codex/event/task_complete');

const asked: Setup = async (daemon) => {
  const stands = await converse(daemon, 'ask for approval', 'execCommandApproval');
  const id = stands.get(examples.conversationId);
  const { items } = await daemon.get<{ items: Json[] }>(`/v1/approvals?conversationId=${id}`);
  return stands.set(examples.approvalId, items[0]?.approvalId);
};

const archived: Setup = async (daemon) => {
  const stands = await hello(daemon);
  const rolloutPath = stands.get(examples.rolloutPath);
  await daemon.post(`/v1/conversations/${stands.get(examples.conversationId)}/archive`, { rolloutPath });
  return stands;
};

const standing: Setup = async (daemon) => {
  const stands = await hello(daemon);
  const { body } = await daemon.post(`/v1/conversations/${stands.get(examples.conversationId)}/listeners`);
  return stands.set(examples.subscriptionId, body.subscriptionId);
};

const SETUPS: Readonly<Record<string, Setup>> = {
  listApprovals: asked,
  answerApproval: asked,
  unarchiveConversation: archived,
  removeConversationListener: standing,
};

function filledIn(value: unknown, stands: Stands): unknown {
  if (stands.has(value)) return stands.get(value);
  if (Array.isArray(value)) return value.map((each) => filledIn(each, stands));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filledIn(each, stands)]));
}

/** What differs from machine to machine and from run to run. */
const VARYING = new Set<unknown>([...Object.values(examples), '0.1.0', 'bubblewrap', 'call_demo_3']);

/** The example as a pattern: what varies is any value of the same type, and a list may go on. */
function pattern(value: unknown): unknown {
  if (VARYING.has(value) && typeof value === 'string') return expect.any(String);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return expect.arrayContaining(value.map(pattern));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, pattern(each)]));
}

async function byRest(daemon: DaemonProcess, method: string, params: Json): Promise<unknown> {
  const { rest } = registry.get(method) ?? {};
  if (!rest) throw new Error(`${method} has no REST form`);
  const left = new Map(Object.entries(params));
  const address = rest.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(left.get(name));
    left.delete(name);
    return encodeURIComponent(value);
  });
  const isQuery = rest.verb === 'GET' || rest.verb === 'DELETE';
  const query = isQuery
    ? `?${new URLSearchParams(Object.fromEntries([...left].map(([name, value]) => [name, String(value)])))}`
    : '';
  const answer = await daemon.fetch(address + query, {
    method: rest.verb,
    ...(!isQuery && {
      body: JSON.stringify(Object.fromEntries(left)),
      headers: { 'content-type': 'application/json' },
    }),
  });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    rest.status,
    'application/json; charset=utf-8',
  ]);
  return answer.json();
}

async function byRpc(daemon: DaemonProcess, method: string, params: Json): Promise<unknown> {
  const socket = await daemon.connect();
  const { result, error } = await socket.call(method, params);
  expect(error).toBeUndefined();
  return result;
}

describe('the examples of the documents', () => {
  test('are there for every method', () => {
    const without = [...registry.values()].filter(({ example }) => !example);
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  test('are what the daemon does, over REST and over JSON-RPC', { timeout: 60_000 }, async () => {
    const place = await createPlace(demoResponder);
    const daemon = await place.start();
    for (const { name, rest, example } of registry.values()) {
      if (!example) continue;
      for (const call of rest ? [byRpc, byRest] : [byRpc]) {
        const stands = await (SETUPS[name] ?? hello)(daemon);
        const result = await call(daemon, name, filledIn(example.params, stands) as Json);
        expect.soft(result, `${name} ${call.name}`).toEqual(pattern(example.result));
      }
    }
  });
});
