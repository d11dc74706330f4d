import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  type ClientRequest,
  type ClientResponse,
  notifications,
  type Params,
  registry,
  ServerNotification,
  ServerRequest,
  type ServerResponse,
  serverRequests,
} from '../../src/protocol/registry.ts';
import { EventMsg } from '../../src/protocol/vocabulary/events.ts';

const conversationId = '11111111-2222-4333-8444-555555555555';

describe('the registry', () => {
  test.each([...registry.values()])('$name says what it is for and how its calls are ordered', (def) => {
    expect(def.summary).toMatch(/^[A-Z].*\.$/);
    expect(Object.keys(def.lane)).toHaveLength(1);
  });

  test.each([...registry.values()])('$name takes path fields from its params', (def) => {
    const fields = [...(def.rest?.path.matchAll(/\{(\w+)\}/g) ?? [])].map((match) => match[1]);
    for (const field of fields) expect(Object.keys(def.params.shape)).toContain(field);
  });

  test('methods without a REST form are those that only a connection can use', () => {
    const without = [...registry.values()].filter(({ rest }) => rest === null);
    expect(without.map(({ name }) => name)).toEqual(['initialize']);
  });

  test('every event of a conversation has its notification', () => {
    const methods = new Set(notifications.map(({ method }) => method));
    for (const { shape } of EventMsg.options) expect(methods).toContain(`codex/event/${shape.type.value}`);
  });

  test('every message from the server is named once', () => {
    const methods = [...notifications, ...serverRequests].map(({ method }) => method);
    expect(new Set(methods).size).toBe(methods.length);
  });
});

describe('messages from the server', () => {
  test('a notification is checked by the schema of its method', () => {
    const params = { id: '0', conversationId, msg: { type: 'agent_message', message: 'hi' } };
    const message = { jsonrpc: '2.0', method: 'codex/event/agent_message', params };
    expect(ServerNotification.safeParse(message).success).toBe(true);
    expect(ServerNotification.safeParse({ ...message, method: 'codex/event/error' }).success).toBe(false);
    expect(ServerNotification.safeParse({ ...message, method: 'nope' }).success).toBe(false);
  });

  test('a server request is checked by the schema of its method', () => {
    const params = { conversation_id: conversationId, call_id: 'c', command: ['ls'], cwd: '/' };
    expect(ServerRequest.safeParse({ id: 0, method: 'execCommandApproval', params }).success).toBe(true);
    expect(ServerRequest.safeParse({ id: 0, method: 'applyPatchApproval', params }).success).toBe(false);
  });
});

test('the unions are discriminated by method', () => {
  type Send = Extract<ClientRequest, { method: 'sendUserMessage' }>;
  expectTypeOf<Send['params']>().toEqualTypeOf<Params<'sendUserMessage'>>();
  type Interrupted = Extract<ServerResponse, { method: 'interruptConversation' }>;
  expectTypeOf<Interrupted['result']['abortReason']>().toEqualTypeOf<'interrupted' | 'replaced'>();
  type Delta = Extract<ServerNotification, { method: 'codex/event/agent_message_delta' }>;
  expectTypeOf<Delta['params']['msg']['delta']>().toEqualTypeOf<string>();
  type Asked = Extract<ServerRequest, { method: 'execCommandApproval' }>;
  expectTypeOf<Asked['params']['command']>().toEqualTypeOf<string[]>();
  type Decided = Extract<ClientResponse, { method: 'applyPatchApproval' }>;
  expectTypeOf<Decided['result']['decision']>().toExtend<string>();
});
