import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Caller } from './callers.ts';
import type { Outcome } from './outcome.ts';
import type { Situation } from './situations.ts';

export interface Setting {
  /** Rollout of another conversation, in `sessions`. */
  readonly otherPath: string;
  readonly cwd: string;
}

type Send = (caller: Caller, situation: Situation, setting: Setting) => Promise<Outcome>;

const items = [{ type: 'text', data: { text: 'more' } }];

const list =
  (archived: boolean): Send =>
  async (caller, { file }) => {
    const outcome = await caller.call('listConversations', { pageSize: 10_000, archived });
    const listed = (outcome.result?.items ?? []) as { conversationId: string }[];
    const isListed = listed.some(({ conversationId }) => conversationId === file.id);
    return { ...outcome, reason: outcome.result ? (isListed ? 'listed' : 'unlisted') : outcome.reason };
  };

const remove: Send = (caller, { subscriptionId }) =>
  caller.call('removeConversationListener', { subscriptionId: subscriptionId ?? randomUUID() });

const answer: Send = (caller, { approvalId }) =>
  caller.call('answerApproval', { approvalId: approvalId ?? randomUUID(), decision: 'denied' });

/** The commands of the table. Of what is done twice, the second outcome counts. */
export const COMMANDS: Readonly<Record<string, { readonly method: string; readonly send: Send }>> = {
  get: {
    method: 'getConversation',
    send: (caller, { file }) => caller.call('getConversation', { conversationId: file.id }),
  },
  list: { method: 'listConversations', send: list(false) },
  'list archived': { method: 'listConversations', send: list(true) },
  resume: {
    method: 'resumeConversation',
    send: (caller, { file }) => {
      const path = existsSync(file.archived) ? file.archived : file.sessions;
      return caller.call('resumeConversation', { path });
    },
  },
  'resume a copy': {
    method: 'resumeConversation',
    send: (caller, { file }) => caller.call('resumeConversation', { path: file.copy }),
  },
  archive: {
    method: 'archiveConversation',
    send: (caller, { file }) =>
      caller.call('archiveConversation', { conversationId: file.id, rolloutPath: file.sessions }),
  },
  "archive another's file": {
    method: 'archiveConversation',
    send: (caller, { file }, { otherPath }) =>
      caller.call('archiveConversation', { conversationId: file.id, rolloutPath: otherPath }),
  },
  unarchive: {
    method: 'unarchiveConversation',
    send: (caller, { file }) => caller.call('unarchiveConversation', { conversationId: file.id }),
  },
  message: {
    method: 'sendUserMessage',
    send: (caller, { file }) => caller.call('sendUserMessage', { conversationId: file.id, items }),
  },
  turn: {
    method: 'sendUserTurn',
    send: (caller, { file }, { cwd }) =>
      caller.call('sendUserTurn', {
        conversationId: file.id,
        items,
        cwd,
        approvalPolicy: 'never',
        sandboxPolicy: { mode: 'danger-full-access' },
        model: 'test-model',
        summary: 'auto',
      }),
  },
  interrupt: {
    method: 'interruptConversation',
    send: (caller, { file }) => caller.call('interruptConversation', { conversationId: file.id }),
  },
  listen: {
    method: 'addConversationListener',
    send: (caller, { file }) => caller.call('addConversationListener', { conversationId: file.id }),
  },
  unlisten: { method: 'removeConversationListener', send: remove },
  'unlisten twice': {
    method: 'removeConversationListener',
    send: async (...given) => {
      await remove(...given);
      return remove(...given);
    },
  },
  answer: { method: 'answerApproval', send: answer },
  'answer twice': {
    method: 'answerApproval',
    send: async (...given) => {
      await answer(...given);
      return answer(...given);
    },
  },
  'answer unknown': {
    method: 'answerApproval',
    send: (caller) => caller.call('answerApproval', { approvalId: randomUUID(), decision: 'denied' }),
  },
};
