import { CLIENT, type Dialect, PAGE_SIZE } from './dialect.ts';

/** The protocol of Codex 0.36. */
export const v1: Dialect = {
  delta: '"codex/event/agent_message_delta"',
  turnEnd: '"codex/event/task_complete"',
  async greet(client) {
    const params = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: CLIENT };
    await client.call('initialize', params);
    client.notify('notifications/initialized');
  },
  async list(client, cursor) {
    const page = (await client.call('listConversations', { pageSize: PAGE_SIZE, cursor })) as {
      items: unknown[];
      nextCursor?: string;
    };
    return { count: page.items.length, cursor: page.nextCursor };
  },
  async resume(client, { path }) {
    await client.call('resumeConversation', { path });
  },
  async newConversation(client) {
    const { conversationId, rolloutPath } = (await client.call('newConversation', {})) as {
      conversationId: string;
      rolloutPath: string;
    };
    return { id: conversationId, path: rolloutPath };
  },
  async hear(client, { id }) {
    await client.call('addConversationListener', { conversationId: id });
  },
  async join(client, { id }) {
    await client.call('addConversationListener', { conversationId: id });
  },
  say: ({ id }) => ({
    method: 'sendUserMessage',
    params: { conversationId: id, items: [{ type: 'text', data: { text: 'talk' } }] },
  }),
  async archive(client, { id, path }) {
    await client.call('archiveConversation', { conversationId: id, rolloutPath: path });
  },
  async execute(client, command) {
    const sandboxPolicy = { mode: 'danger-full-access' };
    await client.call('execOneOffCommand', { command, sandboxPolicy });
  },
};
