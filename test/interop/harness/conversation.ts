import { isRecord } from './json.ts';
import type { Stage } from './stage.ts';
import type { Message, Reply } from './target.ts';

const EVENT_PATIENCE = 30_000;

export type UserItem =
  | { readonly type: 'text'; readonly data: { readonly text: string } }
  | { readonly type: 'image'; readonly data: { readonly image_url: string } }
  | { readonly type: 'localImage'; readonly data: { readonly path: string } };

/** One conversation of the target, with a place in its events: each wait goes on where the last one ended. */
export interface Conversation {
  readonly id: string;
  readonly rolloutPath: string;
  /** Sends a message and waits for the end of its turn. */
  say(message: string | readonly UserItem[]): Promise<Reply>;
  send(message: string | readonly UserItem[]): Promise<Reply>;
  /** Sends a turn with its own settings, by default those of the conversation, and waits for its end. */
  turn(text: string, settings?: Readonly<Record<string, unknown>>): Promise<Reply>;
  sendTurn(text: string, settings?: Readonly<Record<string, unknown>>): Promise<Reply>;
  interrupt(patience?: number): Promise<Reply>;
  listen(): Promise<Reply>;
  /** The next event of a type. */
  event(type: string, patience?: number): Promise<Message>;
  /** The next `task_complete` or `turn_aborted`. */
  turnEnd(patience?: number): Promise<Message>;
}

export function conversationOn(stage: Stage, id: string, rolloutPath: string): Conversation {
  let next = 0;
  let target = stage.target;

  async function anyOf(types: readonly string[], patience = EVENT_PATIENCE): Promise<Message> {
    if (target !== stage.target) next = 0;
    target = stage.target;
    const methods = types.map((type) => `codex/event/${type}`);
    const { message, index } = await target.waitFor(
      ({ method = '', params }) =>
        methods.includes(method) && isRecord(params) && params.conversationId === id,
      { from: next, patience, what: types.join(' or ') },
    );
    next = index + 1;
    return message;
  }

  const conversation: Conversation = {
    id,
    rolloutPath,
    event: (type, patience) => anyOf([type], patience),
    turnEnd: (patience) => anyOf(['task_complete', 'turn_aborted'], patience),
    send: (message) => stage.request('sendUserMessage', { conversationId: id, items: itemsOf(message) }),
    sendTurn: (text, settings) =>
      stage.request('sendUserTurn', {
        conversationId: id,
        items: itemsOf(text),
        cwd: stage.cwd,
        approvalPolicy: 'never',
        sandboxPolicy: { mode: 'danger-full-access' },
        model: 'gpt-5',
        effort: null,
        summary: 'auto',
        ...settings,
      }),
    async say(message) {
      const reply = await conversation.send(message);
      if ('result' in reply) await conversation.turnEnd();
      return reply;
    },
    async turn(text, settings) {
      const reply = await conversation.sendTurn(text, settings);
      if ('result' in reply) await conversation.turnEnd();
      return reply;
    },
    interrupt: (patience) => stage.request('interruptConversation', { conversationId: id }, patience),
    listen: () => stage.request('addConversationListener', { conversationId: id }),
  };
  return conversation;
}

function itemsOf(message: string | readonly UserItem[]): readonly UserItem[] {
  return typeof message === 'string' ? [{ type: 'text', data: { text: message } }] : message;
}
