import { CLIENT, type Dialect, PAGE_SIZE } from './dialect.ts';

/** The protocol of today's `codex app-server`. */
export const v2: Dialect = {
  delta: '"item/agentMessage/delta"',
  turnEnd: '"turn/completed"',
  async greet(client) {
    await client.call('initialize', { clientInfo: CLIENT, capabilities: { experimentalApi: true } });
    client.notify('initialized');
  },
  async list(client, cursor) {
    const page = (await client.call('thread/list', { limit: PAGE_SIZE, cursor })) as {
      data: unknown[];
      nextCursor?: string | null;
    };
    return { count: page.data.length, cursor: page.nextCursor ?? undefined };
  },
  async resume(client, { id }) {
    await client.call('thread/resume', { threadId: id });
  },
  async newConversation(client) {
    const { thread } = (await client.call('thread/start', {})) as {
      thread: { id: string; path?: string | null };
    };
    return { id: thread.id, path: thread.path ?? '' };
  },
  hear: async () => {},
  async join(client, { id }) {
    await client.call('thread/resume', { threadId: id, excludeTurns: true });
  },
  say: ({ id }) => ({
    method: 'turn/start',
    params: { threadId: id, input: [{ type: 'text', text: 'talk' }] },
  }),
  async archive(client, { id }) {
    await client.call('thread/archive', { threadId: id });
  },
  async execute(client, command) {
    await client.call('command/exec', { command, sandboxPolicy: { type: 'dangerFullAccess' } });
  },
};
