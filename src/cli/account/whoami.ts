import type { Result } from '../../protocol/registry.ts';
import { type OutputFlags, print } from '../output.ts';
import { withClient } from '../session.ts';
import type { StartFlags } from '../start-daemon.ts';
import { visibleLine } from '../terminal/visible.ts';

interface Account extends Result<'getAuthStatus'> {
  /** What the login says of itself; nobody has verified it. */
  readonly email: string | null;
}

/** `codexd whoami`: exit code 1 when nobody is signed in and the model provider needs it. */
export async function whoami(flags: OutputFlags & StartFlags): Promise<number> {
  const account = await withClient(flags, async (client): Promise<Account> => {
    const [status, user] = await Promise.all([client.call('getAuthStatus'), client.call('userInfo')]);
    return { ...status, email: user.allegedUserEmail };
  });
  print(flags, account, describe(account));
  return account.authMethod === undefined && account.requiresOpenaiAuth ? 1 : 0;
}

function describe({ authMethod, email, requiresOpenaiAuth }: Account): string {
  if (authMethod === 'apikey') return 'signed in with an API key';
  if (authMethod === 'chatgpt')
    return `signed in with ChatGPT${email === null ? '' : ` as ${visibleLine(email)}`}`;
  return requiresOpenaiAuth
    ? 'not signed in; sign in with: codexd login'
    : 'not signed in, and the model provider needs no login';
}
