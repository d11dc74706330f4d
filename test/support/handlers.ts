import type { Handlers } from '../../src/rpc/dispatcher.ts';

/** Handlers that only say where they are; a test gives those that it is about. */
export function fakeHandlers(given: Partial<Handlers> = {}): Handlers {
  const refuse = (name: string) => () => {
    throw new Error(`the test gave no handler for ${name}`);
  };
  return {
    initialize: ({ protocolVersion }, { client }) => {
      client.initialized = true;
      return {
        capabilities: { tools: { listChanged: true } },
        protocolVersion: protocolVersion ?? 'none',
        serverInfo: { name: 'fake', title: 'Fake', version: '0', user_agent: 'fake/0' },
      };
    },
    getUserAgent: () => ({ userAgent: 'fake/0' }),
    newConversation: refuse('newConversation'),
    listConversations: refuse('listConversations'),
    getConversation: refuse('getConversation'),
    archiveConversation: refuse('archiveConversation'),
    sendUserMessage: refuse('sendUserMessage'),
    interruptConversation: refuse('interruptConversation'),
    addConversationListener: refuse('addConversationListener'),
    removeConversationListener: refuse('removeConversationListener'),
    execOneOffCommand: refuse('execOneOffCommand'),
    ...given,
  };
}
