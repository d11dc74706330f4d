import { type OutputFlags, print } from '../output.ts';
import { withClient } from '../session.ts';
import type { StartFlags } from '../start-daemon.ts';

/** `codexd logout`: removes the credentials of this machine, for every client. */
export async function logout(flags: OutputFlags & StartFlags): Promise<number> {
  await withClient(flags, (client) => client.call('logoutChatGpt'));
  print(flags, { authMethod: null }, 'signed out');
  return 0;
}
