import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { route } from '../state/route.ts';
import { AccountView } from './account-view.tsx';
import { ClientsView } from './clients-view.tsx';
import { ConversationView } from './conversation-view.tsx';
import { NewConversation } from './new-conversation.tsx';
import { useSession } from './session-context.ts';
import { SettingsView } from './settings-view.tsx';
import { focusSearch, Sidebar } from './sidebar.tsx';

/** The list at the side and one view beside it; where there is no room for both, one of them. */
export function App() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
        return;
      event.preventDefault();
      focusSearch();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <div class="app" data-place={route.value.name}>
      <Sidebar />
      <main id="main">
        <ConnectionNote />
        <SafeModeNote />
        <View />
      </main>
    </div>
  );
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);

function View() {
  const { shown } = useSession();
  switch (route.value.name) {
    case 'conversation':
      return shown.value && <ConversationView key={shown.value.id} conversation={shown.value} />;
    case 'settings':
      return <SettingsView />;
    case 'clients':
      return <ClientsView />;
    case 'account':
      return <AccountView />;
    default:
      return <NewConversation />;
  }
}

function SafeModeNote() {
  const { client, connection } = useSession();
  const isSafe = useSignal(false);
  const isConnected = connection.value === 'connected';
  useEffect(() => {
    // Without an answer there is nothing to say: the connection has a note of its own.
    if (isConnected) client.call('getServerInfo').then(({ safeMode }) => (isSafe.value = safeMode), noop);
  }, [client, isConnected]);
  return (
    <div class="connection-note" role="status">
      {isSafe.value && 'Safe mode: codexd crashed several times in a row and now runs without MCP servers.'}
    </div>
  );
}

const noop = (): void => {};

function ConnectionNote() {
  const { connection } = useSession();
  return (
    <div class="connection-note" role="status">
      {connection.value === 'reconnecting' && 'No connection to codexd. It is tried again …'}
    </div>
  );
}
