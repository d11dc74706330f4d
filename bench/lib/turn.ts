import type { Client } from './client.ts';
import type { Contender, Conversation } from './peer.ts';

/** What one client sees of a turn. */
export interface Heard {
  readonly deltas: number;
  /** `performance.now()` of the end of the turn. */
  readonly ended: number;
}

/** Resolves once the client has the end of a turn that is yet to start. */
export function hearTurn(contender: Contender, { wire }: Client): Promise<Heard> {
  let deltas = 0;
  return new Promise((resolve, reject) => {
    void wire.ended.then(reject);
    const stop = wire.listen((message) => {
      if (message.includes(contender.delta)) deltas += 1;
      else if (message.includes(contender.turnEnd)) {
        stop();
        resolve({ deltas, ended: performance.now() });
      }
    });
  });
}

/**
 * Runs a turn before all of these clients, of which the first one starts it.
 * @returns ms until the last one has its end
 * @throws when somebody got fewer pieces of the answer than the model sent
 */
export async function runTurn(
  contender: Contender,
  clients: readonly [Client, ...Client[]],
  conversation: Conversation,
  deltas: number,
): Promise<number> {
  const [speaker] = clients;
  const heard = clients.map((client) => hearTurn(contender, client));
  const { method, params } = contender.say(conversation);
  const started = performance.now();
  const [, ...all] = await Promise.all([speaker.call(method, params), ...heard]);
  const fewest = Math.min(...all.map((each) => each.deltas));
  if (fewest < deltas) throw new Error(`${fewest} of ${deltas} pieces of the answer came`);
  return Math.max(...all.map(({ ended }) => ended)) - started;
}

/** A conversation whose events the client gets. */
export async function converse(contender: Contender, client: Client): Promise<Conversation> {
  const conversation = await contender.newConversation(client);
  await contender.hear(client, conversation);
  return conversation;
}
