import { type Client, createClient } from './client.ts';
import type { Contender, Conversation, Peer } from './peer.ts';
import { openWebSocket } from './websocket-wire.ts';

/** Connections that are opened side by side, as many as a listening socket lets wait. */
const AT_ONCE = 50;

/** Opens so many more connections to a server. @throws when it has no door */
export async function openClients(contender: Contender, { door }: Peer, count: number): Promise<Client[]> {
  if (door === undefined) throw new Error(`${contender.name} takes one client`);
  const open = async (): Promise<Client> => {
    const client = createClient(await openWebSocket(door));
    await contender.greet(client);
    return client;
  };
  const clients: Client[] = [];
  while (clients.length < count) {
    const next = Array.from({ length: Math.min(AT_ONCE, count - clients.length) }, open);
    clients.push(...(await Promise.all(next)));
  }
  return clients;
}

/** Gives a conversation that has had a turn so many more listeners. */
export async function openAudience(
  contender: Contender,
  peer: Peer,
  conversation: Conversation,
  count: number,
): Promise<Client[]> {
  const clients = await openClients(contender, peer, count);
  for (const client of clients) await contender.join(client, conversation);
  return clients;
}
