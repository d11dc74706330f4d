import { describe, expect, it } from 'vitest';
import { Hub } from '../../src/rpc/hub.ts';
import { CONVERSATION, openDoors } from '../support/doors.ts';
import { type Message, openWebSocket } from '../support/websocket.ts';

const dated = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 'old', version: '1' } };

/** One event and one error as a client gets them that opened with these messages. */
async function afterOpening(...messages: object[]): Promise<{ event: Message; failure: Message }> {
  const hub = new Hub();
  hub.open(CONVERSATION);
  const { url } = await openDoors({
    hub,
    handlers: {
      addConversationListener: ({ conversationId }, { client }) => ({
        subscriptionId: hub.subscribe(client, conversationId, 'unheard'),
      }),
    },
  });
  const peer = await openWebSocket(url);
  for (const message of messages) peer.send(message);
  await peer.call('addConversationListener', { conversationId: CONVERSATION });
  hub.publish(CONVERSATION, 'codex/event/background_event', { id: '0', conversationId: CONVERSATION });
  const event = await peer.next();
  return { event, failure: await peer.call('nope') };
}

const PLAIN_EVENT = {
  jsonrpc: '2.0',
  method: 'codex/event/background_event',
  params: { id: '0', conversationId: CONVERSATION },
};
const PLAIN_FAILURE = { jsonrpc: '2.0', error: { code: -32601, message: 'method not found: nope' } };

const initialize = (params: object) => ({ id: 'init', method: 'initialize', params });
const initialized = { method: 'notifications/initialized' };

describe('a client', () => {
  it('of the 0.36 protocol gets exactly the messages that it knows', async () => {
    const { event, failure } = await afterOpening(initialize(dated), initialized);
    expect(event).toEqual(PLAIN_EVENT);
    expect(failure).toEqual({ ...PLAIN_FAILURE, id: failure.id });
  });

  it.each<[string, object[]]>([
    ['that does not open at all', []],
    ['that does not finish the handshake', [initialize(dated)]],
    ['that finishes what it did not begin', [initialized]],
    ['of another version', [initialize({ ...dated, protocolVersion: 'v1' }), initialized]],
    ['that gives no version', [initialize({}), initialized]],
    ['that knows event ids', [initialize({ ...dated, capabilities: { eventIds: true } }), initialized]],
    ['whose second try looks old', [initialize({}), initialize(dated), initialized]],
  ])('%s gets the additions as well', async (_name, messages) => {
    const { event, failure } = await afterOpening(...messages);
    const eventId = expect.stringMatching(/^[0-9a-f]+-1$/);
    expect(event).toEqual({ ...PLAIN_EVENT, params: { ...PLAIN_EVENT.params, _meta: { eventId } } });
    expect(failure.error).toEqual({ ...PLAIN_FAILURE.error, data: { reason: 'method_not_found' } });
  });
});
