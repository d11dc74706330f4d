import { locateHome } from '../daemon/home.ts';
import { resolveAddress } from './connection.ts';
import { type OutputFlags, print } from './output.ts';
import { makeSignInLink } from './sign-in-link.ts';
import { ensureDaemon, type StartFlags } from './start-daemon.ts';

export interface UrlFlags extends OutputFlags, StartFlags {
  readonly browser?: boolean;
}

/** `codexd url`: where the daemon listens; with `--browser`, as an address that signs a browser in. */
export async function printUrl(flags: UrlFlags): Promise<number> {
  const { folder } = await locateHome(process.env);
  await ensureDaemon(folder, process.env, flags);
  const address = await resolveAddress(folder, process.env);
  const url = flags.browser ? await makeSignInLink(folder, process.env) : address.url;
  print(flags, { ...address, url }, url);
  return 0;
}
