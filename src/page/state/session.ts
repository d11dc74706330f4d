import { effect, signal } from '@preact/signals';
import { connect } from '../../client/browser.ts';
import type { Client } from '../../client/client.ts';
import type { NewConversationParams } from '../../protocol/v1/conversation.ts';
import type { InputItem } from '../../protocol/vocabulary/items.ts';
import { createAccount } from './account.ts';
import { createConversationList } from './conversation-list.ts';
import { watchLoaded } from './loaded.ts';
import { type OpenConversation, openConversation } from './open-conversation.ts';
import { watchQuestions } from './questions.ts';
import { conversationLink, goTo, route } from './route.ts';

/** All that the page knows, from one connection to the daemon that served it. */
export type Session = ReturnType<typeof createSession>;

/** @throws {ConnectionError} */
export async function openSession(): Promise<Session> {
  return createSession(await connect({ clientInfo: { name: 'codexd-page', version: '1' } }));
}

function createSession(client: Client) {
  const connection = signal(client.state);
  const shown = signal<OpenConversation | undefined>(undefined);
  const list = createConversationList(client);
  const { loaded } = watchLoaded(client, () => void refreshList());
  const known = { client, connection, shown, list, loaded };

  function refreshList(): void {
    if (!list.archived.value) void list.load();
  }

  client.onState((state) => {
    connection.value = state;
    // It refuses: this browser is no longer signed in, and the daemon's own page says what to do.
    if (state === 'closed') location.reload();
  });
  void list.load();

  effect(() => {
    const here = route.value;
    const id = here.name === 'conversation' ? here.id : undefined;
    const before = shown.peek();
    if (before?.id === id) return;
    before?.leave();
    shown.value = id === undefined ? undefined : openConversation(client, id);
  });

  effect(() => {
    const waiting = [...loaded.value.values()].reduce(
      (sum, { pendingApprovals }) => sum + pendingApprovals,
      0,
    );
    document.title = waiting > 0 ? `(${waiting}) codexd` : 'codexd';
  });

  effect(() => {
    const id = shown.value?.id;
    if (id !== undefined && loaded.value.has(id)) shown.peek()?.look();
  });

  return {
    ...known,
    account: createAccount(client),
    questions: watchQuestions(client),
    refreshList,
    async start(params: NewConversationParams, items: InputItem[]): Promise<void> {
      const { conversationId } = await client.call('newConversation', params);
      await client.call('sendUserMessage', { conversationId, items });
      goTo(conversationLink(conversationId));
      refreshList();
    },
  };
}

/** Ends the session of this browser, and nobody else's. */
export async function signOut(): Promise<void> {
  await fetch('/v1/session', { method: 'DELETE', headers: { 'x-codexd-client': '1' } });
  location.replace('/');
}
