import { text } from 'node:stream/consumers';
import type { Client } from '../../client/client.ts';
import type { ServerNotification } from '../../protocol/messages.ts';
import { note, type OutputFlags, print, printJson } from '../output.ts';
import { withClient } from '../session.ts';
import type { StartFlags } from '../start-daemon.ts';
import { UsageError } from '../usage-error.ts';

export interface LoginFlags extends OutputFlags, StartFlags {
  readonly withApiKey?: boolean;
}

const INTERRUPTED = 130;

type Outcome = Extract<ServerNotification, { method: 'loginChatGptComplete' }>['params'];

/** `codexd login`: with ChatGPT in a browser, or with an API key on stdin, where no process list shows it. */
export async function login(flags: LoginFlags): Promise<number> {
  if (!flags.withApiKey) return withClient(flags, (client) => loginWithBrowser(client, flags));
  const apiKey = (await text(process.stdin)).trim();
  if (apiKey === '') throw new UsageError('--with-api-key reads the key from stdin, and there is none');
  await withClient(flags, (client) => client.call('loginApiKey', { apiKey }));
  print(flags, { authMethod: 'apikey' }, 'signed in with an API key');
  return 0;
}

async function loginWithBrowser(client: Client, flags: LoginFlags): Promise<number> {
  const outcomes = new Map<string, Outcome>();
  const heard = Promise.withResolvers<void>();
  const interrupted = Promise.withResolvers<void>();
  client.onNotification(({ method, params }) => {
    if (method !== 'loginChatGptComplete') return;
    outcomes.set(params.loginId, params);
    heard.resolve();
  });
  process.once('SIGINT', interrupted.resolve);
  const { loginId, authUrl } = await client.call('loginChatGpt');
  if (flags.json) printJson({ loginId, authUrl });
  else note(`Open this in a browser on this machine, within 10 minutes:\n\n${authUrl}\n`);
  await Promise.race([heard.promise, interrupted.promise]);
  const outcome = outcomes.get(loginId);
  if (!outcome) {
    await client.call('cancelLoginChatGpt', { loginId });
    return INTERRUPTED;
  }
  return report(outcome, flags);
}

function report({ success, error = 'no reason was given' }: Outcome, flags: LoginFlags): number {
  if (success) print(flags, { authMethod: 'chatgpt' }, 'signed in with ChatGPT');
  else if (flags.json) printJson({ error });
  else note(`error: ${error}`);
  return success ? 0 : 1;
}
