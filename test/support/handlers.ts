import { registry } from '../../src/protocol/registry.ts';
import type { Handlers } from '../../src/rpc/dispatcher.ts';

/** Handlers that only say where they are; a test gives those that it is about. */
export function fakeHandlers(given: Partial<Handlers> = {}): Handlers {
  const refusing = Object.fromEntries([...registry.keys()].map((name) => [name, refuse(name)]));
  // Every name of the registry is there, which the index signature of `fromEntries` cannot say.
  return { ...(refusing as unknown as Handlers), ...basics, ...given };
}

const refuse = (name: string) => () => {
  throw new Error(`the test gave no handler for ${name}`);
};

const basics: Pick<Handlers, 'initialize' | 'getUserAgent'> = {
  initialize: ({ protocolVersion }, { client }) => {
    client.initialized = true;
    return {
      capabilities: { tools: { listChanged: true } },
      protocolVersion: protocolVersion ?? 'none',
      serverInfo: { name: 'fake', title: 'Fake', version: '0', user_agent: 'fake/0' },
    };
  },
  getUserAgent: () => ({ userAgent: 'fake/0' }),
};
