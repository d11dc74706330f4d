import { useRef } from 'preact/hooks';
import { readLink } from '../text/link.ts';
import { Visible } from '../text/visible.tsx';
import { SCROLLABLE } from './scrollable.ts';
import { useSession } from './session-context.ts';
import { ViewHeader } from './view-header.tsx';

/** Who is signed in to the model provider, and how to change that. It is the same for all clients of the daemon. */
export function AccountView() {
  const { account } = useSession();
  const { authMethod, requiresOpenaiAuth } = account.status.value ?? {};
  return (
    <section class="panel" aria-label="Account">
      <ViewHeader title="Account" detail="one sign-in for every client of this daemon" />
      <div class="panel-body account-view" {...SCROLLABLE}>
        {account.problem.value && (
          <p class="problem" role="alert">
            {account.problem.value}
          </p>
        )}
        <p class="account-state" role="status">
          {authMethod === 'apikey' && 'Signed in with an API key.'}
          {authMethod === 'chatgpt' && (
            <>
              Signed in with ChatGPT
              {account.email.value && (
                <>
                  {' as '}
                  <strong>
                    <Visible text={account.email.value} />
                  </strong>
                </>
              )}
              .
            </>
          )}
          {account.status.value && authMethod === undefined && 'Not signed in.'}
          {requiresOpenaiAuth === false && ' The model provider in use needs no sign-in.'}
        </p>
        {authMethod === undefined ? (
          <Logins />
        ) : (
          <button type="button" onClick={() => void account.logout()}>
            Sign out of the model provider
          </button>
        )}
      </div>
    </section>
  );
}

function Logins() {
  const { account } = useSession();
  const login = account.login.value;
  const link = login && readLink(login.authUrl);
  return (
    <div class="logins">
      <ApiKeyForm />
      <div class="login">
        <h2>ChatGPT</h2>
        {login ? (
          <>
            <p>Sign in there, in a browser on the daemon’s machine. This page notices when it is done.</p>
            {link && (
              <a class="button primary" href={link.href} target="_blank" rel="noopener noreferrer">
                Open {link.target}
              </a>
            )}
            <button type="button" onClick={() => void account.cancel()}>
              Cancel
            </button>
          </>
        ) : (
          <button type="button" class="primary" onClick={() => void account.withChatGpt()}>
            Sign in with ChatGPT
          </button>
        )}
      </div>
    </div>
  );
}

function ApiKeyForm() {
  const { account } = useSession();
  const field = useRef<HTMLInputElement>(null);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const input = field.current;
    // The key is in the field only, and nowhere when it was taken.
    if (input && (await account.withApiKey(input.value.trim()))) input.value = '';
  }

  return (
    <form class="login" onSubmit={(event) => void submit(event)}>
      <h2>API key</h2>
      <label class="field">
        <span>Key</span>
        <input ref={field} type="password" autocomplete="off" required />
      </label>
      <button type="submit" class="primary">
        Sign in with the key
      </button>
    </form>
  );
}
