import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type Address, type Door, Gone, type Hearing, type Reply } from './door.ts';
import type { Msg } from './ledger.ts';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: {
    readonly conversationId?: string;
    readonly conversation_id?: string;
    readonly id: string;
    readonly msg: Msg;
  };
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: { reason?: string } };
}

/** JSON-RPC over a WebSocket, through TCP or the unix socket. */
export async function openSocketDoor(address: Address, through: 'tcp' | 'unix'): Promise<Door> {
  const url =
    through === 'tcp' ? `${address.url.replace('http', 'ws')}/rpc` : `ws+unix:${address.socket}:/rpc`;
  const headers = { authorization: `Bearer ${address.token}` };
  // Whoever waits for an answer takes note of it before the event that came right behind it.
  const socket = new WebSocket(url, { headers, allowSynchronousEvents: false });
  const pending = new Map<number, (message: Message | Gone) => void>();
  const hearings = new Map<string, Hearing>();
  const closed = Promise.withResolvers<void>();
  let lastId = 0;

  const send = (message: object): void => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };
  socket.on('message', (data) => {
    const message: Message = JSON.parse(data.toString());
    if (message.method === undefined) return pending.get(Number(message.id))?.(message);
    const hearing = hearings.get(String(message.params?.conversationId ?? message.params?.conversation_id));
    if (hearing) tell(message, hearing, send);
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    for (const settle of pending.values()) settle(new Gone());
    closed.resolve();
  });
  await Promise.race([once(socket, 'open'), closed.promise.then(() => Promise.reject(new Gone()))]);

  const call: Door['call'] = (method, params) =>
    new Promise((resolve, reject) => {
      if (socket.readyState !== WebSocket.OPEN) return reject(new Gone());
      const id = ++lastId;
      pending.set(id, (message) => {
        pending.delete(id);
        if (message instanceof Gone) reject(message);
        else resolve(toReply(message));
      });
      send({ id, method, params });
    });
  return {
    ordered: true,
    call,
    async listen(conversationId, afterEventId, hearing) {
      hearings.set(conversationId, hearing);
      const { error } = await call('addConversationListener', { conversationId, afterEventId });
      if (error) throw new Error(`addConversationListener: ${error.message}`);
    },
    drained: () => closed.promise,
    close: () => socket.terminate(),
  };
}

function tell({ id, method, params }: Message, hearing: Hearing, send: (message: object) => void): void {
  if (id !== undefined) void hearing.asked().then((decision) => send({ id, result: { decision } }));
  else if (method?.startsWith('codex/event/') && params?.msg) hearing.heard(params.id, params.msg);
}

function toReply({ result, error }: Message): Reply {
  if (!error) return { result: result ?? {} };
  return { error: { message: error.message, code: error.code, reason: error.data?.reason } };
}
