import { route } from '../state/route.ts';
import { signOut } from '../state/session.ts';
import { useSession } from './session-context.ts';

const LINKS = [
  ['settings', 'Settings'],
  ['clients', 'Clients'],
] as const;

export function SidebarFooter() {
  const { connection } = useSession();
  return (
    <div class="sidebar-footer">
      <a class="account" href="#/account" aria-current={route.value.name === 'account' ? 'page' : undefined}>
        <AccountState />
      </a>
      <div class="links">
        {LINKS.map(([name, title]) => (
          <a key={name} href={`#/${name}`} aria-current={route.value.name === name ? 'page' : undefined}>
            {title}
          </a>
        ))}
        <a href="/docs" target="_blank" rel="noopener">
          API
        </a>
        <button type="button" class="quiet" onClick={() => void signOut()}>
          Sign out
        </button>
        <span class={`dot ${connection.value}`} role="img" aria-label={connection.value} />
      </div>
    </div>
  );
}

function AccountState() {
  const { status, email } = useSession().account;
  const { authMethod, requiresOpenaiAuth } = status.value ?? {};
  if (status.value === undefined) return <>…</>;
  if (authMethod === 'apikey') return <>API key</>;
  if (authMethod === 'chatgpt') return <>{email.value ?? 'ChatGPT'}</>;
  return <>{requiresOpenaiAuth ? 'Not signed in to a model' : 'No sign-in needed'}</>;
}
