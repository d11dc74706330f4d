import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  type ClientResponse,
  notifications,
  ServerNotification,
  ServerRequest,
  serverRequests,
} from '../../src/protocol/messages.ts';
import {
  type ClientRequest,
  type Params,
  registry,
  type ServerResponse,
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

  test('has the routes that the public interface promises', () => {
    const routes = [...registry.values()].map(({ name, rest }) => [
      name,
      rest && `${rest.verb} ${rest.path} ${rest.status}${rest.location ? ' Location' : ''}`,
    ]);
    expect(Object.fromEntries(routes)).toMatchObject({
      newConversation: 'POST /v1/conversations 201 Location',
      listConversations: 'GET /v1/conversations 200',
      getConversation: 'GET /v1/conversations/{conversationId} 200',
      resumeConversation: 'POST /v1/conversations/resume 200',
      archiveConversation: 'POST /v1/conversations/{conversationId}/archive 200',
      unarchiveConversation: 'POST /v1/conversations/{conversationId}/unarchive 200',
      sendUserMessage: 'POST /v1/conversations/{conversationId}/messages 202',
      sendUserTurn: 'POST /v1/conversations/{conversationId}/turns 202',
      interruptConversation: 'POST /v1/conversations/{conversationId}/interrupt 200',
      addConversationListener: 'POST /v1/conversations/{conversationId}/listeners 201 Location',
      removeConversationListener: 'DELETE /v1/listeners/{subscriptionId} 200',
      listApprovals: 'GET /v1/approvals 200',
      answerApproval: 'POST /v1/approvals/{approvalId} 200',
      gitDiffToRemote: 'GET /v1/git/diff-to-remote 200',
      loginApiKey: 'POST /v1/auth/login/api-key 200',
      loginChatGpt: 'POST /v1/auth/login/chatgpt 200',
      cancelLoginChatGpt: 'DELETE /v1/auth/login/chatgpt/{loginId} 200',
      logoutChatGpt: 'POST /v1/auth/logout 200',
      getAuthStatus: 'POST /v1/auth/status 200',
      userInfo: 'GET /v1/user 200',
      getUserSavedConfig: 'GET /v1/config 200',
      getEffectiveConfig: 'GET /v1/config/effective 200',
      setDefaultModel: 'PUT /v1/config/default-model 200',
      getUserAgent: 'GET /v1/user-agent 200',
      execOneOffCommand: 'POST /v1/exec 200',
    });
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
